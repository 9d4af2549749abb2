import type { StaffId } from "@sitebox/core/contract";

export interface Candidate {
  readonly id: StaffId;
  /** "*" is every skill. */
  readonly skills: readonly string[];
  /** Empty is every zone. */
  readonly zones: readonly string[];
  readonly onShift: boolean;
  /** Work orders they have now. */
  readonly load: number;
  /** 0: never. */
  readonly lastAssignedAt: number;
}

export interface Job {
  readonly skill: string;
  readonly zone: string | undefined;
  /** Who said no to it; they are not asked again. */
  readonly declinedBy: readonly StaffId[];
  /** Life or large loss: somebody who cannot do it himself calls those who can. */
  readonly urgent?: boolean;
}

export type Exclusion = "off-shift" | "no-skill" | "other-zone" | "declined";

export interface Dispatch {
  /** Undefined: nobody, the work order stays with the desk. */
  readonly staff: StaffId | undefined;
  /** Why not the others: a dispatcher is asked that. */
  readonly excluded: readonly { readonly staff: StaffId; readonly reason: Exclusion }[];
}

function exclusion(job: Job, { id, skills, zones, onShift }: Candidate): Exclusion | undefined {
  if (!onShift) return "off-shift";
  if (!skills.includes("*") && !skills.includes(job.skill)) return "no-skill";
  if (job.zone !== undefined && zones.length > 0 && !zones.includes(job.zone)) return "other-zone";
  if (job.declinedBy.includes(id)) return "declined";
  return undefined;
}

/** Least work first, then who has waited longest; ids settle a tie, so that the same facts give the same answer. */
const byTurn = (a: Candidate, b: Candidate) => a.load - b.load || a.lastAssignedAt - b.lastAssignedAt || (a.id < b.id ? -1 : 1);

/** Who gets a work order. */
export function dispatch(job: Job, candidates: readonly Candidate[]): Dispatch {
  const excluded: Dispatch["excluded"][number][] = [];
  const able: Candidate[] = [];
  for (const candidate of candidates) {
    const reason = exclusion(job, candidate);
    if (reason) excluded.push({ staff: candidate.id, reason });
    else able.push(candidate);
  }
  const anybody = job.urgent ? candidates.filter((one) => exclusion(asAnybody(job, one), one) === undefined) : [];
  return { staff: (able.sort(byTurn)[0] ?? anybody.sort(byTurn)[0])?.id, excluded };
}

/** The job as it is for somebody whose skill and zone are not asked for. */
const asAnybody = (job: Job, { skills: [skill = job.skill] }: Candidate): Job => ({ ...job, skill, zone: undefined });
