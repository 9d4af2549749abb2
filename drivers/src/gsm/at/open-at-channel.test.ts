import { Channel, silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ByteStream, LineError } from "../../line/index.ts";
import { type AtChannelDeps, type AtError, openAtChannel } from "./index.ts";

/** The modem's end of a wire: what was written to it, and a way to answer. */
class Wire implements ByteStream {
  readonly chunks = new Channel<Uint8Array>();
  readonly written: string[] = [];
  broken = false;
  onWrite: (text: string) => void = () => {};
  say(text: string): void {
    this.chunks.push(Buffer.from(text, "latin1"));
  }
  async write(bytes: Uint8Array): Promise<void> {
    if (this.broken) throw new LineError("the port is gone");
    const text = Buffer.from(bytes).toString("latin1");
    this.written.push(text);
    this.onWrite(text);
  }
  async [Symbol.asyncDispose](): Promise<void> {
    this.chunks.close();
  }
}

function rig(deps: Partial<AtChannelDeps> = {}) {
  const wire = new Wire();
  const clock = new VirtualClock();
  const channel = openAtChannel(wire, {
    clock,
    log: silentLog,
    times: { commandMs: 1_000, promptMs: 500, pingMs: 300 },
    ...deps,
  });
  const told: string[] = [];
  channel.onUnsolicited((line) => told.push(line));
  const fault = (sending: Promise<unknown>) =>
    sending.then(
      () => "answered",
      (error: AtError) => error.final,
    );
  return {
    wire,
    clock,
    channel,
    told,
    fault,
    settle: () => clock.advance(0),
    [Symbol.asyncDispose]: () => channel[Symbol.asyncDispose](),
  };
}

describe("an AT channel", () => {
  test("answers with the lines of information and tells the rest by itself", async () => {
    await using at = rig();
    const answer = at.channel.send("+CSQ");
    at.wire.say('AT+CSQ\r\r\nRING\r\n\r\n+CSQ: 21,99\r\n\r\n+CLIP: "13800000000",129\r\n+CMTI: "SM",3\r\nOK\r\n');
    expect(await answer).toEqual(["+CSQ: 21,99"]);
    expect(at.told).toEqual(["RING", '+CLIP: "13800000000",129', '+CMTI: "SM",3']);
  });

  test("runs one command at a time, in their order", async () => {
    await using at = rig();
    const first = at.channel.send("+CGMI");
    const second = at.channel.send("+CGSN");
    await at.settle();
    expect(at.wire.written).toEqual(["AT+CGMI\r"]);
    at.wire.say("Quectel\r\nOK\r\n");
    expect(await first).toEqual(["Quectel"]);
    at.wire.say("860123040000017\r\n\r\nOK\r\n");
    expect(await second).toEqual(["860123040000017"]);
  });

  test.for([
    ["+CREG?", '+CREG: 2,1,"2804","A0B1",7', "+CREG: 5"],
    ['+CUSD=1,"0031",15', "", '+CUSD: 0,"0031",72'],
    ["+CGMR", "+CGMR: LE20B05SIM7600CE", "VOICE CALL: BEGIN"],
    ["+CIMI", "460001234567890", "NO CARRIER"],
    ["+CICCID", "+ICCID: 89860012345600000012", "+QIND: SMS DONE"],
    ["+CLCC", "+CLCC: 1,0,0,0,0", "^CONN:1,0"],
    ["+CLCC=1", "", "+CLCC: 1,1,4,0,0"],
    ["+CMGL=4", "+CMGL: 1,1,,23", "^RSSI: 18"],
    ["D10086;", "", "^DSCI: 1,0,3,0,10086,129"],
  ])("%s is answered with %s, and %s is told", async ([command = "", own = "", other = ""]) => {
    await using at = rig();
    const answer = at.channel.send(command);
    at.wire.say(`\r\n${other}\r\n${own}\r\n${other}\r\nOK\r\n`);
    expect(await answer).toEqual(own === "" ? [] : [own]);
    expect(at.told).toEqual([other, other]);
  });

  test("PDUs in the answer to +CMGL stay with it", async () => {
    await using at = rig();
    const answer = at.channel.send("+CMGL=4");
    at.wire.say("\r\n+CMGL: 1,1,,23\r\n0791448720003023\r\n+CMT: ,5\r\n0011\r\n+CMGL: 2,1,,24\r\n07914487\r\nOK\r\n");
    expect(await answer).toEqual(["+CMGL: 1,1,,23", "0791448720003023", "+CMGL: 2,1,,24", "07914487"]);
    expect(at.told).toEqual(["+CMT: ,5\n0011"]);
  });

  test("errors reject with their code", async () => {
    await using at = rig();
    const refused = at.channel.send("+CPIN?");
    at.wire.say("+CME ERROR: 10\r\n");
    await expect(refused).rejects.toMatchObject({ final: "+CME ERROR: 10", code: 10 });
  });

  test("errors tell neither secrets nor numbers", async () => {
    await using at = rig();
    for (const command of ["+CPIN=1234", "D13800000000;", '+CUSD=1,"*100#",15']) {
      const refused = at.channel.send(command).catch((error: Error) => error.message);
      at.wire.say("ERROR\r\n");
      expect(await refused).toMatch(/^AT(?:\+CPIN=|D|\+CUSD=) was answered with ERROR$/);
    }
  });

  test("the end of a call is an answer to dialling, and told by itself to everything else", async () => {
    await using at = rig();
    const dialling = at.fault(at.channel.send("D13800000000;"));
    at.wire.say("BUSY\r\n");
    expect(await dialling).toBe("BUSY");
    const asking = at.channel.send("+CSQ");
    at.wire.say("NO CARRIER\r\n+CSQ: 3,99\r\nOK\r\n");
    expect(await asking).toEqual(["+CSQ: 3,99"]);
    expect(at.told).toEqual(["NO CARRIER"]);
  });

  test("a text is written behind the prompt, with Ctrl-Z", async () => {
    await using at = rig();
    const sending = at.channel.send("+CMGS=3", { payload: "0011" });
    await at.settle();
    at.wire.say("\r\n> ");
    await at.settle();
    expect(at.wire.written).toEqual(["AT+CMGS=3\r", "0011\x1a"]);
    at.wire.say("0011\x1a\r\n+CMGS: 7\r\n\r\nOK\r\n");
    expect(await sending).toEqual(["+CMGS: 7"]);
  });

  test("an error in the prompt's place keeps the text unwritten", async () => {
    await using at = rig();
    const sending = at.fault(at.channel.send("+CMGS=3", { payload: "0011" }));
    at.wire.say("+CMS ERROR: 500\r\n");
    expect(await sending).toBe("+CMS ERROR: 500");
    expect(at.wire.written).toEqual(["AT+CMGS=3\r"]);
  });

  test("a prompt that does not come, or comes too late, is left with ESC", async () => {
    await using at = rig();
    const sending = at.fault(at.channel.send("+CMGS=3", { payload: "0011" }));
    await at.clock.advance(500);
    expect(await sending).toBe("timeout");
    expect(at.wire.written).toEqual(["AT+CMGS=3\r", "\x1b", "AT+CMEE?\r"]);
    at.wire.say("\r\n> ");
    await at.settle();
    expect(at.wire.written.at(-1)).toBe("\x1b");
  });

  test("a late answer is not taken for the next command's", async () => {
    await using at = rig();
    const late = at.fault(at.channel.send("+CGSN"));
    const next = at.channel.send("+CGMI");
    await at.clock.advance(1_000);
    expect(await late).toBe("timeout");
    at.wire.say("860123040000017\r\n\r\nOK\r\nRING\r\n");
    await at.settle();
    expect(at.wire.written).toEqual(["AT+CGSN\r", "AT+CMEE?\r"]);
    at.wire.say("+CMEE: 1\r\nOK\r\n");
    await at.settle();
    at.wire.say("Quectel\r\nOK\r\n");
    expect(await next).toEqual(["Quectel"]);
    expect(at.told).toEqual(["RING"]);
  });

  test("a modem that does not know the ping goes on when it has answered it with an error", async () => {
    await using at = rig();
    const late = at.fault(at.channel.send("+CSQ"));
    await at.clock.advance(1_000);
    await late;
    at.wire.say("ERROR\r\n");
    await at.clock.advance(300);
    const next = at.channel.send("+CSQ");
    at.wire.say("+CSQ: 9,99\r\nOK\r\n");
    expect(await next).toEqual(["+CSQ: 9,99"]);
  });

  test("is lost after three waits in vain, and says so to whoever waits", async () => {
    await using at = rig();
    const sending = at.fault(at.channel.send("+CSQ"));
    const waiting = at.fault(at.channel.send("+CGMI"));
    await at.clock.advance(1_600);
    expect(await at.channel.lost).toBe("the modem did not answer 3 times");
    expect([await sending, await waiting]).toEqual(["timeout", "gone"]);
    expect(await at.fault(at.channel.send("+CSQ"))).toBe("gone");
    expect(at.clock.pending).toBe(0);
  });

  test("is lost when its port ends or takes no bytes", async () => {
    await using at = rig();
    const sending = at.fault(at.channel.send("+CSQ"));
    at.wire.chunks.close();
    expect([await sending, await at.channel.lost]).toEqual(["gone", "the port is gone"]);
    await using other = rig();
    other.wire.broken = true;
    expect(await other.fault(other.channel.send("+CSQ"))).toBe("gone");
    expect(await other.channel.lost).toBe("the port is gone");
  });

  test("gives up only what was not written yet", async () => {
    await using at = rig();
    const stop = new AbortController();
    const first = at.channel.send("+CSQ", { signal: stop.signal });
    const second = at.channel.send("+CGMI", { signal: stop.signal });
    stop.abort(new Error("enough"));
    await expect(second).rejects.toThrow("enough");
    at.wire.say("+CSQ: 21,99\r\nOK\r\n");
    expect(await first).toEqual(["+CSQ: 21,99"]);
    await expect(at.channel.send("+CSQ", { signal: stop.signal })).rejects.toThrow("enough");
    expect(at.wire.written).toEqual(["AT+CSQ\r"]);
  });

  test("refuses what modems are never told, and what hides another command in itself", async () => {
    await using at = rig();
    for (const command of ['+EGMR=1,7,"860123456789012"', "+CLIR=01", "+CSQ\rAT+CGSN", "+CSQ\x1a"]) {
      expect(await at.fault(at.channel.send(command))).toBe("refused");
    }
    expect(await at.fault(at.channel.send("+CMGS=1", { payload: "00\x1aAT+CSQ\r" }))).toBe("refused");
    expect(at.wire.written).toEqual([]);
  });

  test("gives each command its own answer whatever is said in between, however it is cut", async () => {
    const said = fc.constantFrom(
      "RING",
      '+CLIP: "138",129',
      '+CMTI: "SM",1',
      "^RSSI: 9",
      "\xff\xfe\x81",
      "",
      "+QIND: x",
      "NO CARRIER",
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(said, said), { minLength: 1, maxLength: 8 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
        async (turns, sizes) => {
          await using at = rig();
          for (const [index, [before, after]] of turns.entries()) {
            const answer = at.channel.send("+CSQ");
            let rest = `AT+CSQ\r\r\n${before}\r\n\r\n+CSQ: ${index},99\r\n${after}\r\n\r\nOK\r\n`;
            while (rest !== "") {
              const size = sizes.next().value ?? 1;
              at.wire.say(rest.slice(0, size));
              rest = rest.slice(size);
            }
            expect(await answer).toEqual([`+CSQ: ${index},99`]);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
