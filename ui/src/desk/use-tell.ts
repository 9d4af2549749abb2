import { ElMessage } from "element-plus";
import "element-plus/es/components/message/style/css";
import { refusedOf } from "../client/index.ts";
import { useTold } from "../told/index.ts";

/** Does something and tells the person in words when it failed. Resolves to whether it succeeded. */
export function useTell() {
  const told = useTold();
  return async (work: () => Promise<unknown>, done?: string): Promise<boolean> => {
    try {
      await work();
      if (done !== undefined) ElMessage.success(done);
      return true;
    } catch (error) {
      ElMessage.error(told.refusal(refusedOf(error)));
      return false;
    }
  };
}
