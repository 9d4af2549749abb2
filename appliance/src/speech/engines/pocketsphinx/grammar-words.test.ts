import { expect, test } from "vitest";
import { grammarWords } from "./grammar-words.ts";

test("the words of a grammar are found among everything that is none", () => {
  const jsgf = `#JSGF V1.0 UTF-8 zh;
/* a comment with 词 */
grammar hotel;
import <com.example.rooms>;
public <turn> = [请 | 麻烦] /0.8/ <wish> { tag \\} = "词" } | 转 人工 // 词
  | ( 不 要 )+;
<wish>=送 <count> 毛巾 *;
`;
  expect([...grammarWords(jsgf)].sort()).toEqual(["不", "人工", "毛巾", "麻烦", "请", "要", "转", "送"].sort());
});
