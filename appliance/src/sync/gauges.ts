import type { SyncClass } from "@sitebox/core/contract";

/** How much waits for headquarters, for metrics and alarms. */
export interface OutboxGauges {
  /** Items not acknowledged yet, by class. */
  readonly length: Readonly<Record<SyncClass, number>>;
  /** Bytes that the outbox takes at most; exact when nothing waits or the limit comes near. */
  readonly bytes: number;
  /** Age of the oldest item in seconds; zero when nothing waits. */
  readonly oldestAgeS: number;
  /** Items that were dropped for want of room or because they expired, since the process started. */
  readonly dropped: number;
  /** How long there has been no touch with headquarters. */
  readonly offlineSeconds: number;
}
