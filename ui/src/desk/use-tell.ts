import { ElMessage } from "element-plus";
import "element-plus/es/components/message/style/css";
import { useI18n } from "vue-i18n";
import { faultOf } from "../client/index.ts";

/**
 * Does something and tells the person in words when it failed. Resolves to whether it succeeded.
 * Words in the locale's part `own` go before the general ones: the same fault means another thing here.
 */
export function useTell(own = "fault") {
  const { t, te } = useI18n();
  return async (work: () => Promise<unknown>, done?: string): Promise<boolean> => {
    try {
      await work();
      if (done !== undefined) ElMessage.success(done);
      return true;
    } catch (error) {
      const fault = faultOf(error);
      const key = [`${own}.${fault}`, `fault.${fault}`].find((one) => te(one));
      ElMessage.error(t(key ?? "fault.unexpected"));
      return false;
    }
  };
}
