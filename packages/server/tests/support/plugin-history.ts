import type { TestHost } from "./test-host.ts";

export interface SupervisorLine {
  timestamp: string;
  level: string;
  message: string;
  fields: Record<string, unknown>;
}

export interface StoredEvent {
  event_type: string;
  details: Record<string, unknown>;
}

/** The lines of the supervisor's log about one plugin, oldest first. */
export async function supervisorLines(host: TestHost, id: string): Promise<SupervisorLine[]> {
  const lines: SupervisorLine[] = [];
  for (const { plugin, timestamp, level, message, fields } of await host.log("plugin-supervisor.log")) {
    if (plugin !== id) continue;
    lines.push({ timestamp, level, message, fields: fields ?? {} } as SupervisorLine);
  }
  return lines;
}

/** What was done to one plugin's processes (`spawn`, `shutdown`, `kill`, …), without its states, oldest first. */
export async function supervisorActions(host: TestHost, id: string): Promise<unknown[]> {
  const events = (await supervisorLines(host, id)).map(({ fields }) => fields["event"]);
  return events.filter((event) => event !== undefined && event !== "state");
}

/** The events of one plugin that the database holds, oldest first. */
export async function storedEvents(host: TestHost, id: string): Promise<StoredEvent[]> {
  const page = await host.json<{ events: StoredEvent[] }>(`/api/plugins/${id}/events?limit=500`);
  return page.events.toReversed();
}

export async function storedEventTypes(host: TestHost, id: string): Promise<string[]> {
  return (await storedEvents(host, id)).map(({ event_type }) => event_type);
}
