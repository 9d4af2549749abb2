import { bareNumber } from "../numbers.ts";

/** Digits of a local number without its area code: fewer tell nothing. */
const LOCAL = 7;

/** Whether a call that shows `remote` comes from one of these numbers, however much of it the network shows. */
export const isFrom = (remote: string, numbers: readonly string[]): boolean => {
  const shown = bareNumber(remote);
  return numbers.map(bareNumber).some((own) => {
    const [long, short] = own.length > shown.length ? [own, shown] : [shown, own];
    return long === short ? short !== "" : short.length >= LOCAL && long.endsWith(short);
  });
};
