import fc from "fast-check";
import { expect, test } from "vitest";
import { TgFramer, type TgMessage } from "./messages.ts";

const SESSION = [
  "Asterisk Call Manager/1.1\r\nResponse: Success\r\nMessage: Authentication accepted\r\n\r\n",
  "Response: Follows\r\nPrivilege: SMSCommand\r\nGSM span 2: Power on, Provisioned, Up, Active,Standard\nGSM span 3: Power on, Provisioned, Undetected SIM Card, Active,Standard\r\n--END COMMAND--\r\n\r\n",
  // What a command prints may hold blank lines, and its end need not be on a line of its own.
  "Response: Follows\r\nPrivilege: SMSCommand\r\nUSSD Message: 余额\r\n\r\nEvent: none\r\nLast send AT: AT+CREG?\\r\\n--END COMMAND--\r\n\r\n",
  "Event: ReceivedSMS\r\nPrivilege: all,smscommand\r\nID: 7\r\nGsmSpan: 2\r\nSender: 10086\r\nContent: %E4%BD%99%E9%A2%9D: 1\r\n--END SMS EVENT--\r\n\r\n",
  "Response: Error\r\nMessage: Invalid/unknown command\r\n\r\n",
].join("");

const shown = ({ fields, output }: TgMessage) => ({ fields: Object.fromEntries(fields), output });

test("a session is read message by message", () => {
  expect(new TgFramer().push(Buffer.from(SESSION)).map(shown)).toEqual([
    { fields: { response: "Success", message: "Authentication accepted" }, output: "" },
    {
      fields: { response: "Follows", privilege: "SMSCommand" },
      output:
        "GSM span 2: Power on, Provisioned, Up, Active,Standard\nGSM span 3: Power on, Provisioned, Undetected SIM Card, Active,Standard",
    },
    {
      fields: { response: "Follows", privilege: "SMSCommand" },
      output: "USSD Message: 余额\n\nEvent: none\nLast send AT: AT+CREG?\\r\\n",
    },
    {
      fields: {
        event: "ReceivedSMS",
        privilege: "all,smscommand",
        id: "7",
        gsmspan: "2",
        sender: "10086",
        content: "%E4%BD%99%E9%A2%9D: 1",
      },
      output: "--END SMS EVENT--",
    },
    { fields: { response: "Error", message: "Invalid/unknown command" }, output: "" },
  ]);
});

test("however the bytes are cut, the messages are the same", () => {
  const whole = new TgFramer().push(Buffer.from(SESSION)).map(shown);
  const bytes = Buffer.from(SESSION);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 40 }), (cuts) => {
      const framer = new TgFramer();
      const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const read = edges.slice(1).flatMap((end, at) => framer.push(bytes.subarray(edges[at] ?? 0, end)));
      expect(read.map(shown)).toEqual(whole);
    }),
  );
});

test("a message that does not end is a failure, not all of the memory", () => {
  const framer = new TgFramer();
  const more = () => framer.push(Buffer.alloc(10_000, "x"));
  expect(() => {
    for (let times = 0; times < 10; times++) more();
  }).toThrow("does not end");
});
