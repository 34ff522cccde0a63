import type { Statement } from "bun:sqlite";
import { StorageError } from "@toru/core";
import type { SqliteConnection } from "./sqlite-connection.ts";

interface Call {
  owner: string;
  work: () => unknown;
  resolve: (value: unknown) => void;
  reject: (error: StorageError) => void;
}

type Outcome = { value: unknown } | { error: StorageError };

/**
 * Makes one transaction of all calls that come in one turn of the event loop, in their order, since a commit costs more than
 * a statement. Each call is answered after the commit that holds it. What fails, fails alone: where SQLite cannot do the
 * whole, every call of it gets a transaction of its own.
 */
export class GroupCommit {
  readonly #connection: SqliteConnection;
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #rollback: Statement;
  /** Called where calls that had run are taken back. */
  onRollback: () => void = () => {};
  #waiting: Call[] = [];
  /** Whose calls are not answered yet. */
  #owners = new Set<string>();
  #committing: Promise<void> | null = null;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
    this.#begin = connection.database.prepare("BEGIN IMMEDIATE");
    this.#commit = connection.database.prepare("COMMIT");
    this.#rollback = connection.database.prepare("ROLLBACK");
  }

  /** `work` is synchronous, and may run again after it was rolled back. */
  write<Result>(owner: string, work: () => Result): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ owner, work, resolve: resolve as Call["resolve"], reject });
      this.#owners.add(owner);
      this.#committing ??= this.#commitWaiting();
    });
  }

  /** Resolves when everything that waits is answered. */
  async idle(): Promise<void> {
    await this.#committing;
  }

  /** After all that the owner has written: at once where nothing of it waits. */
  read<Result>(owner: string, work: () => Result): Promise<Result> {
    return this.#owners.has(owner) ? this.write(owner, work) : this.#connection.whenFree(work);
  }

  /** Never rejects. */
  async #commitWaiting(): Promise<void> {
    await endOfTurn();
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      const outcomes = await this.#outcomes(group);
      this.#owners = new Set(this.#waiting.map(({ owner }) => owner));
      group.forEach((call, index) => settle(call, outcomes[index]));
    }
    this.#committing = null;
  }

  async #outcomes(group: readonly Call[]): Promise<Outcome[]> {
    try {
      return await this.#connection.whenFree(() => this.#perform(group));
    } catch (error) {
      const fault = this.#connection.fault(error);
      return group.map(() => ({ error: fault }));
    }
  }

  #perform(group: readonly Call[]): Outcome[] {
    const [first] = group;
    if (first !== undefined && group.length === 1) return [attempt(first)];
    try {
      return this.#together(group);
    } catch (error) {
      const fault = this.#connection.fault(error);
      if (this.#connection.database.inTransaction) this.#rollback.run();
      this.onRollback();
      if (fault.code === "busy" || fault.code === "closed") throw fault;
      return group.map((call) => this.#alone(call));
    }
  }

  #together(group: readonly Call[]): Outcome[] {
    this.#begin.run();
    const outcomes = group.map(attempt);
    this.#commit.run();
    return outcomes;
  }

  #alone(call: Call): Outcome {
    try {
      return attempt(call);
    } catch (error) {
      return { error: this.#connection.fault(error) };
    }
  }
}

/** A refusal of ours leaves the transaction as it was; throws what SQLite throws. */
function attempt({ work }: Call): Outcome {
  try {
    return { value: work() };
  } catch (error) {
    if (error instanceof StorageError) return { error };
    throw error;
  }
}

function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function settle(call: Call, outcome: Outcome | undefined): void {
  if (outcome === undefined) throw new Error("a call of a group has no outcome");
  if ("error" in outcome) call.reject(outcome.error);
  else call.resolve(outcome.value);
}
