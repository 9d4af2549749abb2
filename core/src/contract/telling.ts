import { z } from "zod";

/**
 * What is told to people goes by a code with its values, so that pages can say it in their user's language. The tables beside this file
 * have each code with its English sentence, which logs and callers of the API read; `{name}` in it is a value that goes along.
 */
export const About = z.record(z.string(), z.union([z.string(), z.number()]));
export type About = z.infer<typeof About>;

type NamesIn<Sentence extends string> = Sentence extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;
/** The values that a sentence needs. */
export type AboutOf<Sentence extends string> = { readonly [Name in NamesIn<Sentence>]: string | number };
/** The values as an argument that is left out where there are none. */
export type AboutArgs<Sentence extends string> = [NamesIn<Sentence>] extends [never] ? [] : [about: AboutOf<Sentence>];

/** The names of the values in a sentence, in their order. */
export const namesIn = (sentence: string): readonly string[] =>
  [...sentence.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => name ?? []);

/** A sentence with its values in it. One that is not known stays as it is. */
export const filled = (sentence: string, about: About = {}): string =>
  sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(about[name] ?? whole));
