import { ElMessage } from "element-plus";
import { type Ref, ref } from "vue";
import { useI18n } from "vue-i18n";
import type { Form } from "../../form/index.ts";
import { busyWhile } from "../../parts/index.ts";
import { useTold } from "../../told/index.ts";
import { useDesk } from "../desk.ts";
import { saveLine } from "./line-admin.ts";

export interface Saving {
  readonly busy: Readonly<Ref<boolean>>;
  /** Why it was not saved, as far as that belongs to no field of the form. */
  readonly refusal: Readonly<Ref<string | undefined>>;
  save(value: unknown): Promise<void>;
}

export interface SavingOptions {
  readonly form: Form;
  /** The line that is changed; another is added without. */
  readonly name?: string | undefined;
  readonly saved: () => void;
  /** Goes to the field that was refused. */
  readonly toProblem: () => Promise<void> | undefined;
}

/** Saves what a form holds, and shows what the box finds wrong with it at its fields. */
export function useSaving({ form, name, saved, toProblem }: SavingOptions): Saving {
  const { t } = useI18n();
  const told = useTold();
  const desk = useDesk();
  const busy = ref(false);
  const refusal = ref<string>();
  return {
    busy,
    refusal,
    save: (value) =>
      busyWhile(busy, async () => {
        refusal.value = undefined;
        const refused = await saveLine(desk, value, name);
        if (refused === undefined) {
          ElMessage.success(t(name === undefined ? "line.added" : "line.changed"));
          saved();
          return;
        }
        const issues = (refused.issues ?? []).map((issue) => ({
          path: issue.path,
          message: told.issue(issue) ?? t("form.problem.server", { message: issue.message }),
        }));
        const elsewhere = form.refuse(issues);
        if (elsewhere.length > 0) refusal.value = elsewhere.join(" ");
        else if (issues.length === 0) refusal.value = told.refusal(refused);
        await toProblem();
      }),
  };
}
