import fc from "fast-check";
import { expect, test } from "vitest";
import { operatorOf, operatorServices, parseBalance } from "./index.ts";

test.for([
  // Plain ones, with every mark in front of the number.
  ["您的余额为12.30元。", 12.3],
  ["余额:12.30元", 12.3],
  ["余额：１２．３０元", 12.3],
  ["当前余额12元", 12],
  ["尊敬的客户，您好！截至11月21日15时06分，您的账户余额为56.78元，感谢使用。", 56.78],
  ["您的话费余额是 0.05 元", 0.05],
  ["余额（元）：88.80", 88.8],
  ["余额￥6.60", 6.6],
  ["余额为人民币7.20元", 7.2],
  ["您的可用余额还有12元5角", 12.5],
  ["余额12元3角4分", 12.34],
  ["余额仅剩5角", 0.5],
  ["账户余额：1,234.56元", 1234.56],
  ["账户余额：12,345,678.90元", 12_345_678.9],
  ["余额.50元", 0.5],
  ["可用余额20块", 20],
  ["[10086]查询结果：您的可用余额35.60元", 35.6],
  // Owed.
  ["您已欠费12.30元，请尽快缴费。", -12.3],
  ["您的号码欠费金额为8元", -8],
  ["余额-12.30元", -12.3],
  ["余额:-￥3.20", -3.2],
  ["当前余额为负5.5元", -5.5],
  ["余额0.00元，欠费3.30元", -3.3],
  ["您当前欠费0.00元，可用余额9.90元", 9.9],
  ["您没有欠费5元以上的记录，余额30元", 30],
  ["您的欠费为0元", 0],
  ["余额为0元", 0],
  // Several amounts: what can be used counts.
  ["您的账户总余额50.00元，其中可用余额20.00元，专款余额30.00元。", 20],
  ["本月已消费30.50元，余额20.10元。", 20.1],
  ["余额20.10元，本月消费30.50元。", 20.1],
  ["话费余额10.00元，赠送余额2.30元，可用余额12.30元", 12.3],
  ["赠送话费余额100元；账户余额3.21元", 3.21],
  ["您本月套餐月租58元，流量剩余2.5GB，语音剩余100分钟，剩余话费41.20元。", 41.2],
  ["尊敬的用户，您11月21日充值100.00元成功，当前余额108.88元【客服】", 108.88],
  ["信用额度50元。可用余额（含信用额度50元）：62.30元", 62.3],
  ["可用余额：15.00元（其中本金10.00元，赠款5.00元）", 15],
  ["当余额低于10元时将提醒您，现账户余额25.50元", 25.5],
  ["欠费停机提醒,余额5元", 5],
  // In English.
  ["Your available balance is CNY 12.30.", 12.3],
  ["Balance: 1,012.30 yuan, bonus 5 yuan", 1012.3],
  ["You owe RMB 8.00. Please top up.", -8],
  // No balance.
  ["您的验证码是123456，请勿告诉他人。", undefined],
  ["您本月已使用流量2.5GB，余额查询请稍后。", undefined],
  ["本月消费30.50元", undefined],
  ["您好，您的业务已受理，稍后将短信告知结果。", undefined],
  ["赠送余额20元已到账", undefined],
  ["", undefined],
] as const)("%s", ([text, yuan]) => {
  for (const operator of ["mobile", "unicom", "telecom"] as const) expect(parseBalance(operator, text)).toBe(yuan);
});

test("of a general and a special balance, the general one counts where the operator tells both", () => {
  expect(parseBalance("telecom", "账户余额80.00元：专用余额60.00元，通用余额20.00元")).toBe(20);
});

test("any amount is read as it was written, and nothing makes it fail", () => {
  fc.assert(
    fc.property(fc.integer({ min: -9_999_999, max: 9_999_999 }), (fen) => {
      const yuan = fen / 100;
      expect(parseBalance("mobile", `您的可用余额为${yuan.toFixed(2)}元`)).toBe(yuan);
      expect(parseBalance("mobile", `余额：${yuan.toLocaleString("en", { minimumFractionDigits: 2 })}元`)).toBe(yuan);
    }),
  );
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(..."余额欠费元角分可用-1.,0，：:（）() ¥￥消费") }),
      (text) => void parseBalance("unicom", text),
    ),
  );
});

test("the operator is told by the SIM", () => {
  const imsis = {
    mobile: ["46000", "46002", "46004", "46007", "46008"],
    unicom: ["46001", "46006", "46009"],
    telecom: ["46003", "46005", "46011"],
  };
  for (const [operator, networks] of Object.entries(imsis))
    for (const network of networks) expect(operatorOf(`${network}1234567890`)).toBe(operator);
  expect([operatorOf("31026123"), operatorOf(undefined), operatorOf("")]).toEqual([undefined, undefined, undefined]);
});

test("answers are known by their sender", () => {
  const { mobile, unicom, telecom } = operatorServices;
  for (const from of ["10086", "+8610086", "8610086", "1008611"]) expect(mobile.answersFrom.test(from)).toBe(true);
  for (const from of ["13810086", "10010", "+1008"]) expect(mobile.answersFrom.test(from)).toBe(false);
  expect([unicom.answersFrom.test("10010"), telecom.answersFrom.test("10001"), telecom.answersFrom.test("10000")]).toEqual([
    true,
    true,
    true,
  ]);
});
