import { ElMessage } from "element-plus";
import "element-plus/es/components/message/style/css";
import { refusedOf } from "../client/index.ts";
import { useTold } from "../told/index.ts";

/**
 * Does something and tells the person in words when it failed. Resolves to whether it succeeded.
 * Words in the locale's part `own` go before the general ones: the same fault means another thing here.
 */
export function useTell(own = "fault") {
  const told = useTold();
  return async (work: () => Promise<unknown>, done?: string): Promise<boolean> => {
    try {
      await work();
      if (done !== undefined) ElMessage.success(done);
      return true;
    } catch (error) {
      ElMessage.error(told.refusal(refusedOf(error), own));
      return false;
    }
  };
}
