import { access, constants } from "node:fs/promises";
import { join } from "node:path";
import type { Clock, Log } from "@sitebox/core/kernel";
import { type EngineDefinition, EngineProcess, type Message, textPayload } from "../../processes/index.ts";
import {
  type CallerMemory,
  type EngineState,
  type Grammar,
  type Recognition,
  type RecognitionEngine,
  SpeechError,
  type Utterance,
  verifyModel,
} from "../../seams/index.ts";
import { confidenceOf } from "./confidence.ts";
import { DICTIONARY_FILE, type Dictionary, loadDictionary, MODEL_FOLDER } from "./dictionary.ts";
import { grammarWords } from "./grammar-words.ts";
import { MODEL_FILES } from "./model-files.ts";
import { type Line, PhraseUtterance } from "./phrase-utterance.ts";

export interface PocketSphinxOptions {
  /** The compiled sitebox-pocketsphinx. */
  readonly program: string;
  readonly modelsDir: string;
  /** How many people can be recognised at the same moment; more wait their turn with their sound kept. */
  readonly sessions: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Grammars kept compiled: those of one site's questions are fewer. */
const KEPT_GRAMMARS = 32;

/** A grammar that ended the engine this often while it was compiled is not tried again. */
const COMPILED_AT_MOST = 2;

interface Prepared {
  readonly grammar: Grammar;
  readonly ready: PromiseWithResolvers<void>;
  /** Sent to the engine and not answered yet. */
  compiling: boolean;
  deaths: number;
  fault?: SpeechError;
}

/** The phrase recogniser over libpocketsphinx: small, Mandarin, hears only what its grammar allows. */
export class PocketSphinx implements RecognitionEngine {
  readonly #options: PocketSphinxOptions;
  readonly #process: EngineProcess;
  /** In the order of their last use. */
  readonly #grammars = new Map<string, Prepared>();
  readonly #free: number[] = [];
  readonly #active = new Map<number, PhraseUtterance>();
  readonly #waiting = new Set<PhraseUtterance>();
  readonly #closing = new AbortController();
  #dictionary: Dictionary | undefined;
  #utterances = 1;

  constructor(options: PocketSphinxOptions) {
    this.#options = options;
    this.#process = new EngineProcess(this.#definition(), options);
  }

  get state(): EngineState {
    return this.#process.state;
  }

  settled(signal: AbortSignal): Promise<EngineState> {
    return this.#process.settled(signal);
  }

  /**
   * Resolves when the grammar is compiled, or at once when there is no engine (it is compiled when one comes).
   * @throws SpeechError `bad-model` when the grammar is wrong or has a word that cannot be said
   */
  async prepare(grammar: Grammar): Promise<void> {
    const { ready } = this.#keep(grammar);
    await this.#process.settled(this.#closing.signal);
    if (this.state.state === "ready") await ready.promise;
  }

  open(grammar: Grammar, caller: CallerMemory): Utterance {
    const utterance = new PhraseUtterance(grammar.id, caller, this.#options.clock, (one) => this.#release(one));
    const { fault } = this.#keep(grammar);
    if (fault) {
      utterance.fail(fault);
      return utterance;
    }
    this.#waiting.add(utterance);
    this.#serve();
    return utterance;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new SpeechError("engine-died", "the recogniser is closed");
    this.#closing.abort(closed);
    await this.#process[Symbol.asyncDispose]();
    for (const utterance of [...this.#waiting]) utterance.fail(closed);
    for (const { ready } of this.#grammars.values()) ready.reject(closed);
  }

  #definition(): EngineDefinition {
    const { program, modelsDir, sessions } = this.#options;
    return {
      name: "pocketsphinx",
      command: program,
      args: [join(modelsDir, MODEL_FOLDER), String(sessions)],
      check: () => this.#check(),
      opened: (link) => {
        const dictionary = this.#known();
        const loop = syllableLoop(dictionary);
        link.send("L", 0, textPayload(loop.jsgf, loop.words));
        for (let session = 0; session < sessions; session++) this.#free.push(session);
        for (const prepared of this.#grammars.values()) if (!prepared.fault) this.#compile(prepared, link.send);
        this.#serve();
      },
      received: (message) => this.#receive(message),
      lost: (error) => this.#lost(error),
    };
  }

  async #check(): Promise<void> {
    const { program, modelsDir } = this.#options;
    await access(program, constants.X_OK).catch((cause: unknown) => {
      throw new SpeechError("no-engine", `the recogniser program ${program} is not built`, { cause });
    });
    await verifyModel(modelsDir, MODEL_FILES);
    this.#dictionary ??= await loadDictionary(join(modelsDir, DICTIONARY_FILE));
  }

  #known(): Dictionary {
    if (!this.#dictionary) throw new SpeechError("no-engine", "the recogniser has no dictionary yet");
    return this.#dictionary;
  }

  #keep(grammar: Grammar): Prepared {
    const known = this.#grammars.get(grammar.id);
    if (known) {
      this.#grammars.delete(grammar.id);
      this.#grammars.set(grammar.id, known);
      return known;
    }
    const prepared: Prepared = { grammar, ready: Promise.withResolvers(), compiling: false, deaths: 0 };
    // Whoever prepares awaits it; a turn that opens with a faulty grammar is told by its utterance.
    prepared.ready.promise.catch(() => {});
    this.#grammars.set(grammar.id, prepared);
    const link = this.#process.link;
    if (link) this.#compile(prepared, link.send);
    this.#forgetOldest();
    return prepared;
  }

  #forgetOldest(): void {
    const used = new Set([...this.#active.values(), ...this.#waiting].map((utterance) => utterance.grammarId));
    for (const id of this.#grammars.keys()) {
      if (this.#grammars.size <= KEPT_GRAMMARS) return;
      if (used.has(id)) continue;
      this.#grammars.delete(id);
      this.#process.link?.send("U", 0, textPayload(id));
    }
  }

  #compile(prepared: Prepared, send: Line["send"]): void {
    const { grammar } = prepared;
    const lines: string[] = [];
    for (const word of grammarWords(grammar.jsgf)) {
      const spoken = this.#known().pronunciations(word);
      if (spoken.length === 0) {
        this.#compiled(grammar.id, `nobody knows how the word "${word}" is said`);
        return;
      }
      for (const { name, phones } of spoken) lines.push(`${name} ${phones}`);
    }
    prepared.compiling = true;
    send("G", 0, textPayload(grammar.id, grammar.jsgf, lines.join("\n")));
  }

  #compiled(id: string, fault: string): void {
    const prepared = this.#grammars.get(id);
    if (!prepared) return;
    prepared.compiling = false;
    if (fault === "") {
      prepared.ready.resolve();
      return;
    }
    prepared.fault = new SpeechError("bad-model", `the grammar ${id} cannot be used: ${fault}`);
    prepared.ready.reject(prepared.fault);
    this.#options.log.error("a grammar cannot be used", { grammar: id, err: prepared.fault });
  }

  #receive({ type, session, payload }: Message): void {
    if (type === "g") {
      const [id = "", fault = ""] = payload.toString("utf8").split("\0");
      this.#compiled(id, fault);
      return;
    }
    const utterance = this.#active.get(session);
    // The late result of an utterance that was given up belongs to nobody.
    if (!utterance || utterance.number !== payload.readUInt32LE(0)) return;
    if (type === "R") {
      const { recognition, means } = readResult(payload);
      utterance.memory.means = means;
      utterance.succeed(recognition);
    } else if (type === "X") {
      utterance.fail(new SpeechError("bad-model", payload.toString("utf8", 4)));
    }
  }

  #serve(): void {
    const { link } = this.#process;
    if (!link) return;
    for (const utterance of this.#waiting) {
      const session = this.#free.shift();
      if (session === undefined) return;
      this.#waiting.delete(utterance);
      this.#active.set(session, utterance);
      utterance.attach({ session, utterance: this.#utterances++, send: link.send });
    }
  }

  #release(utterance: PhraseUtterance): void {
    this.#waiting.delete(utterance);
    for (const [session, one] of this.#active) {
      if (one !== utterance) continue;
      this.#active.delete(session);
      this.#free.push(session);
    }
    this.#serve();
  }

  #lost(error: SpeechError): void {
    const failed = [...this.#active.values()];
    this.#active.clear();
    this.#free.length = 0;
    for (const prepared of this.#grammars.values()) {
      if (!prepared.compiling) continue;
      prepared.compiling = false;
      if (++prepared.deaths >= COMPILED_AT_MOST) this.#compiled(prepared.grammar.id, "the engine ends when it compiles it");
    }
    for (const utterance of failed) utterance.fail(error);
  }
}

/**
 * Everything that can be said in Mandarin, syllable by syllable. It may end anywhere (`*`, not `+`): otherwise its narrow beams left it without an
 * end at the last frame of one utterance in fifty (browsers' callers: one in seven), and a phrase measured by nothing is turned away.
 */
function syllableLoop(dictionary: Dictionary): { jsgf: string; words: string } {
  const names = dictionary.syllables.map((_, index) => `syllable${index}`);
  return {
    jsgf: `#JSGF V1.0;\ngrammar loop;\npublic <loop> = ( ${names.join(" | ")} )*;\n`,
    words: dictionary.syllables.map((phones, index) => `syllable${index} ${phones}`).join("\n"),
  };
}

const RESULT_HEAD_BYTES = 16;
const MEANS_BYTES = 13 * 4;

function readResult(payload: Buffer): { recognition: Recognition; means: Buffer } {
  const frames = payload.readInt32LE(12);
  const text = joinWords(payload.toString("utf8", RESULT_HEAD_BYTES + MEANS_BYTES));
  const score = frames > 0 && text !== "" ? (payload.readInt32LE(4) - payload.readInt32LE(8)) / frames : Number.NEGATIVE_INFINITY;
  return {
    recognition: { text, score, confidence: confidenceOf(score) },
    means: Buffer.from(payload.subarray(RESULT_HEAD_BYTES, RESULT_HEAD_BYTES + MEANS_BYTES)),
  };
}

/** Chinese is written without spaces, Latin words keep theirs. */
function joinWords(words: string): string {
  return words.trim().replace(/(?<=\p{Script=Han}) +| +(?=\p{Script=Han})/gu, "");
}
