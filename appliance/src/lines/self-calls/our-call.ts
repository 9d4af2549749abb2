/** Digits of a local number without its area code: fewer tell nothing. */
const LOCAL = 7;

/** A number without what is put before it on the way: country code, trunk zero. */
const bare = (number: string) => number.replace(/\D/g, "").replace(/^(?:0{0,2}86(?=\d{10,})|0+)/, "");

/** Whether a call that shows `remote` comes from one of these numbers, however much of it the network shows. */
export const isFrom = (remote: string, numbers: readonly string[]): boolean => {
  const shown = bare(remote);
  return numbers.map(bare).some((own) => {
    const [long, short] = own.length > shown.length ? [own, shown] : [shown, own];
    return long === short ? short !== "" : short.length >= LOCAL && long.endsWith(short);
  });
};
