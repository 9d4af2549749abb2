/** Every word a JSGF 1.0 text can produce, once each: what is left when comments, headers, rule names, tags, weights and operators are gone. */
export function grammarWords(jsgf: string): Set<string> {
  const bare = jsgf
    .replace(/\/\*[\s\S]*?\*\//g, " ")
    .replace(/\/\/[^\n]*/g, " ")
    .replace(/^\s*#JSGF[^;]*;/, " ")
    .replace(/^\s*(grammar|import)\s[^;]*;/gm, " ")
    .replace(/\{(?:\\.|[^}\\])*\}/g, " ")
    .replace(/\/[\d.eE+-]+\//g, " ")
    .replace(/(^|;)\s*(public\s+)?<[^>]*>\s*=/g, "$1 ")
    .replace(/<[^>]*>/g, " ")
    .replace(/[|()[\]*+;="]/g, " ");
  return new Set(bare.split(/\s+/).filter((word) => word !== ""));
}
