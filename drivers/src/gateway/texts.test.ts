import type { TextPort } from "../line/index.ts";
import { describeTexts, type TextRig } from "../line/testing/index.ts";
import { openDinstarRig, openGoipRig, openYeastarRig, type Rig, upWithPorts } from "./rig.testing.ts";
import type { ComingText } from "./testing/index.ts";

function textsOf(rig: Rig<unknown>): TextPort {
  const { texts } = rig.line;
  if (!texts) throw new Error("a gateway without texts");
  return texts;
}

async function textRig(rig: Rig<{ comeIn(text: ComingText): Promise<void> }>): Promise<TextRig> {
  await upWithPorts(rig.line);
  const { network, device } = rig;
  const { far, refused, busy, lost } = network;
  return {
    texts: textsOf(rig),
    far,
    refused,
    busy,
    lost,
    received: () => network.received(),
    comeIn: (text) => device.comeIn({ port: 1, from: far, ...text }),
    async reopen() {
      await upWithPorts(await rig.reopen());
      return textsOf(rig);
    },
    [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
  };
}

describeTexts("texts of a Dinstar gateway", async () => textRig(await openDinstarRig()), {
  reports: true,
  reopen: true,
  // They come whole.
  parts: false,
});

describeTexts("texts of a Yeastar gateway", async () => textRig(await openYeastarRig()), {
  // It tells what the network took, not what arrived.
  reports: false,
  // It tells a text once, to whoever is there.
  reopen: false,
  parts: true,
});

describeTexts(
  "texts of a Yeastar gateway that counts parts from 0",
  async () => textRig(await openYeastarRig({ device: { firstIndex: 0 } })),
  {
    reports: false,
    reopen: false,
    parts: true,
  },
);

describeTexts("texts of a GoIP", async () => textRig(await openGoipRig()), { reports: true, reopen: true, parts: false });
