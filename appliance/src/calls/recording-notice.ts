import type { CallsConfig } from "@sitebox/core/contract";
import type { Announcer } from "./announcer.ts";
import type { OpenCall } from "./open-call.ts";
import type { Party } from "./party/index.ts";

export interface RecordingNoticeDeps {
  readonly announcer: Announcer;
  readonly config: Pick<CallsConfig, "recording" | "emergencyNumbers">;
}

const isStranger = ({ kind }: Party) => kind === "outside" || kind === "visitor";

/**
 * Between two people a call is recorded only where those who are no staff have been told, before they are joined; the star key refuses.
 * A call among staff has nobody to be told and is not recorded. Nobody who calls for help has to listen to a notice first.
 */
export class RecordingNotice {
  readonly #deps: RecordingNoticeDeps;

  constructor(deps: RecordingNoticeDeps) {
    this.#deps = deps;
  }

  /** These two are about to be joined: tells them, and begins to record the first. */
  async begin(call: OpenCall, parties: readonly [Party, Party]): Promise<void> {
    const { recording, emergencyNumbers } = this.#deps.config;
    if (call.recorder.isOn || !recording.enabled || recording.betweenPeople === "off") return;
    if (!parties.some(isStranger) || parties.some(({ number }) => emergencyNumbers.includes(number))) return;
    if (await this.#tell(call, parties)) await call.recorder.start(parties[0]);
  }

  /** Somebody is about to join a call that is recorded already. */
  async join(call: OpenCall, party: Party): Promise<void> {
    if (!call.recorder.isOn || !isStranger(party)) return;
    const helps = this.#deps.config.emergencyNumbers.includes(party.number);
    if (helps || !(await this.#tell(call, [party]))) await call.recorder.refuse();
  }

  /** Whether all who are no staff have heard it, and none refused. */
  async #tell({ timeline }: OpenCall, parties: readonly Party[]): Promise<boolean> {
    const refused = new AbortController();
    using attending = new DisposableStack();
    for (const party of parties.filter(isStranger))
      attending.use(party.attend({ onKey: (digit) => digit === "*" && refused.abort() }));
    const signal = AbortSignal.any([refused.signal, ...parties.map(({ over }) => over)]);
    const said = await this.#deps.announcer.say(parties, { id: "between-notice" }, timeline, signal);
    if (refused.signal.aborted) timeline.add("decision", "the recording was refused");
    else if (!said) timeline.add("decision", "not recorded: the notice could not be said");
    return said && !refused.signal.aborted;
  }
}
