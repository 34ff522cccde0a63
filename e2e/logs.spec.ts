import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, connect, type Socket, type AddressInfo } from "node:net";
import { join } from "node:path";
import type { LogEntry } from "@toru/http-api";
import type { Page } from "@playwright/test";
import type { PanelHost } from "./support/panel-host.ts";
import { expect, test } from "./support/test.ts";

const START = Date.parse("2026-01-31T22:30:00.000Z");

function entry(number: number, more: Partial<LogEntry> = {}): LogEntry {
  const timestamp = new Date(START + number).toISOString();
  return { timestamp, level: "info", plugin: "acme", message: `line ${number}`, ...more };
}

function toText(entries: LogEntry[]): string {
  return entries.map((line) => `${JSON.stringify(line)}\n`).join("");
}

function numbered(count: number, from = 0): LogEntry[] {
  return Array.from({ length: count }, (_, index) => entry(from + index));
}

function logFile(host: PanelHost, age = 0): string {
  return join(host.logDir, "plugins", age === 0 ? "acme.log" : `acme.log.${age}`);
}

/** A disabled plugin: nothing but the test writes its log. */
async function installWithLog(host: PanelHost, entries: LogEntry[], rotated: LogEntry[] = []): Promise<void> {
  await host.install("v2", "acme");
  await mkdir(join(host.pluginsDir, ".metadata"), { recursive: true });
  await writeFile(join(host.pluginsDir, ".metadata/config.json"), JSON.stringify({ plugins: { acme: false } }));
  await mkdir(join(host.logDir, "plugins"), { recursive: true });
  await writeFile(logFile(host), toText(entries));
  if (rotated.length > 0) await writeFile(logFile(host, 1), toText(rotated));
}

const log = (panel: Page) => panel.getByRole("log", { name: "Log of Acme" });
const rows = (panel: Page) => log(panel).locator("[data-index]");
const row = (panel: Page, text: string) => rows(panel).filter({ hasText: text });

async function distanceFromEnd(panel: Page): Promise<number> {
  return log(panel).evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight);
}

async function scrollUp(panel: Page, pixels: number): Promise<void> {
  await log(panel).hover();
  await panel.mouse.wheel(0, -pixels);
  await expect(panel.getByRole("button", { name: /^Jump to newest/ })).toBeVisible();
}

test.describe("what a log shows", () => {
  const entries = [
    entry(0, { level: "debug", message: "warming up" }),
    entry(1, { message: "\u001b[31mred alert\u001b[0m and \u001b[1;42mgreen\u001b[0m ground" }),
    entry(2, { level: "warn", message: "<script>window.hacked = true</script><img src=x onerror=window.hacked=true>" }),
    entry(3, { level: "error", message: "it failed", error: "ECONNREFUSED", fields: { port: 8080, "<b>": ["a", 1] } }),
  ];
  test.use({ hostOptions: { prepare: (host) => installWithLog(host, entries) } });

  test("View plugin logs: logs are formatted and readable", async ({ host, panel }) => {
    await host.reaches("acme", "disabled");
    await panel.goto("/logs/acme");
    await expect(panel.getByRole("heading", { name: "Logs: Acme" })).toBeVisible();
    await expect(rows(panel)).toHaveCount(4);
    await expect(rows(panel).nth(0)).toContainText("DEBUG");
    await expect(rows(panel).nth(0)).toContainText("warming up");
    await expect(rows(panel).nth(2)).toContainText("WARN");
    await expect(rows(panel).nth(3)).toContainText("ERROR");
    const red = panel.getByText("red alert", { exact: true });
    const plain = panel.getByText(" and ", { exact: true });
    const colorOf = (element: Element) => getComputedStyle(element).color;
    expect(await red.evaluate(colorOf)).not.toBe(await plain.evaluate(colorOf));
    await expect(log(panel)).not.toContainText("\u001b");
    await expect(log(panel)).not.toContainText("[31m");
  });

  test("what a plugin logs is text, never markup", async ({ host, panel }) => {
    await host.reaches("acme", "disabled");
    await panel.goto("/logs/acme");
    await expect(row(panel, "<script>window.hacked = true</script>")).toBeVisible();
    await row(panel, "it failed")
      .getByRole("button", { name: /^Details/ })
      .click();
    await expect(log(panel).getByText("<b>", { exact: true })).toBeVisible();
    await expect(log(panel).locator("script, img, b")).toHaveCount(0);
    expect(await panel.evaluate(() => "hacked" in window)).toBe(false);
  });

  test("a line with fields is expanded and folded by the keyboard", async ({ host, panel }) => {
    await host.reaches("acme", "disabled");
    await panel.goto("/logs/acme");
    await expect(rows(panel)).toHaveCount(4);
    await expect(log(panel).getByRole("button", { name: /^Details/ })).toHaveCount(1);
    const button = row(panel, "it failed").getByRole("button", { name: /^Details/ });
    await button.focus();
    await panel.keyboard.press("Enter");
    await expect(button).toHaveAttribute("aria-expanded", "true");
    const definition = log(panel).getByRole("definition");
    await expect(definition.filter({ hasText: "8080" })).toBeVisible();
    await expect(definition.filter({ hasText: "ECONNREFUSED" })).toBeVisible();
    await panel.keyboard.press("Enter");
    await expect(button).toHaveAttribute("aria-expanded", "false");
    await expect(definition).toHaveCount(0);
  });

  test("times are local or UTC, and the choice is remembered", async ({ host, panel }) => {
    await host.reaches("acme", "disabled");
    await panel.goto("/logs/acme");
    await expect(rows(panel).nth(0)).toContainText("31 Jan, 23:30:00.000");
    await panel.getByRole("button", { name: "Times: Local" }).click();
    await expect(rows(panel).nth(0)).toContainText("31 Jan, 22:30:00.000");
    await panel.reload();
    await expect(rows(panel).nth(0)).toContainText("31 Jan, 22:30:00.000");
  });

  test("a level shows its lines and worse ones, and stays in the address", async ({ host, panel }) => {
    await host.reaches("acme", "disabled");
    await panel.goto("/logs/acme");
    await expect(rows(panel)).toHaveCount(4);
    await panel.getByLabel("Least level").selectOption("Warnings and errors");
    await expect(rows(panel)).toHaveCount(2);
    await expect(panel).toHaveURL(/level=warn/);
    await panel.reload();
    await expect(rows(panel)).toHaveCount(2);
    await appendFile(
      logFile(host),
      toText([entry(9, { message: "quiet" }), entry(10, { level: "error", message: "loud" })]),
    );
    await expect(row(panel, "loud")).toBeVisible();
    await expect(row(panel, "quiet")).toHaveCount(0);
  });

  test("a search that finds nothing says so, and can be taken back", async ({ host, panel }) => {
    await host.reaches("acme", "disabled");
    await panel.goto("/logs/acme?q=nowhere");
    await expect(panel.getByText("No line matches")).toBeVisible();
    await panel.getByRole("button", { name: "Show all lines" }).click();
    await expect(rows(panel)).toHaveCount(4);
    await expect(panel.getByRole("searchbox", { name: "Search the log" })).toHaveValue("");
  });

  test("copying gives all loaded lines as text", async ({ host, panel, context }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await host.reaches("acme", "disabled");
    await panel.goto("/logs/acme");
    await expect(rows(panel)).toHaveCount(4);
    expect(await copyAll(panel)).toEqual([
      "2026-01-31T22:30:00.000Z DEBUG warming up",
      "2026-01-31T22:30:00.001Z INFO  red alert and green ground",
      expect.stringContaining("<script>"),
      '2026-01-31T22:30:00.003Z ERROR it failed error="ECONNREFUSED" {"port":8080,"<b>":["a",1]}',
    ]);
  });
});

test.describe("a long log", () => {
  test.use({ hostOptions: { prepare: (host) => installWithLog(host, numbered(50_000, 50_000), numbered(50_000)) } });

  test("100,000 lines take under 200 rows of the page", async ({ host, panel }) => {
    await host.reaches("acme", "disabled");
    await panel.goto("/logs/acme");
    await expect(row(panel, "line 99999")).toBeInViewport();
    await panel.getByRole("log").press("Home");
    await panel.getByRole("button", { name: /^Load all/ }).click();
    await expect(panel.getByText("100,000 lines, 100,000 of them loaded.")).toBeVisible({ timeout: 45_000 });
    await panel.getByRole("log").press("Home");
    await expect(row(panel, "line 0")).toBeInViewport();
    await expect(panel.getByText("The log begins here")).toBeVisible();
    expect(await rows(panel).count()).toBeLessThan(200);
    await panel.getByRole("log").press("End");
    await expect(row(panel, "line 99999")).toBeInViewport();
    expect(await rows(panel).count()).toBeLessThan(200);
  });

  test("older lines load while scrolling up, and the lines in view stay where they are", async ({ host, panel }) => {
    await host.reaches("acme", "disabled");
    await panel.goto("/logs/acme");
    await expect(row(panel, "line 99999")).toBeInViewport();
    await panel.getByRole("log").press("Home");
    await expect(panel.getByText(/2,000 of them loaded/)).toBeVisible();
    // The first line of the newest page was at the top; the page before it must not push it away.
    await expect(row(panel, "line 99000")).toBeInViewport();
    await panel.getByRole("log").press("PageUp");
    await expect(row(panel, "line 98990")).toBeInViewport();
  });

  test("a search finds a line in the rotated files", async ({ host, panel }) => {
    await host.reaches("acme", "disabled");
    await panel.goto("/logs/acme");
    await expect(row(panel, "line 99999")).toBeInViewport();
    await panel.getByRole("searchbox", { name: "Search the log" }).pressSequentially("LINE 1234");
    await expect(rows(panel)).toHaveCount(11);
    await expect(rows(panel).first()).toContainText("line 1234");
    await expect(panel).toHaveURL(/q=LINE(\+|%20)1234/);
    await expect(log(panel).locator("mark").first()).toHaveText("line 1234");
    await expect(panel.getByText("11 lines, 11 of them loaded.")).toBeVisible();
  });
});

test.describe("downloads", () => {
  const entries = Array.from({ length: 3_000 }, (_, index) =>
    entry(index, index % 100 === 7 ? { level: "error" } : {}),
  );
  test.use({ hostOptions: { prepare: (host) => installWithLog(host, entries.slice(1_000), entries.slice(0, 1_000)) } });

  test("the whole log is downloaded as it is on disk, or the lines that match", async ({ host, panel }) => {
    await host.reaches("acme", "disabled");
    await panel.goto("/logs/acme?level=error&q=line+1");
    const matching = entries.filter(({ level, message }) => level === "error" && message.includes("line 1"));
    await expect(panel.getByText(`${matching.length} lines`)).toBeVisible();
    const onDisk = (await readFile(logFile(host, 1), "utf8")) + (await readFile(logFile(host), "utf8"));
    expect(await download(panel, "Whole log")).toBe(onDisk);
    expect(await download(panel, "Lines that match the filter")).toBe(toText(matching));
  });
});

async function download(panel: Page, name: string): Promise<string> {
  await panel.getByRole("button", { name: "Download" }).click();
  const [file] = await Promise.all([panel.waitForEvent("download"), panel.getByRole("link", { name }).click()]);
  expect(file.suggestedFilename()).toBe("acme.log");
  return readFile(await file.path(), "utf8");
}

async function copyAll(panel: Page): Promise<string[]> {
  await panel.evaluate(() => navigator.clipboard.writeText(""));
  await panel.getByRole("button", { name: "Copy the selection, or all loaded lines" }).click();
  await expect.poll(() => panel.evaluate(() => navigator.clipboard.readText())).not.toBe("");
  return (await panel.evaluate(() => navigator.clipboard.readText())).split("\n");
}

test.describe("live lines", () => {
  test.use({ hostOptions: { prepare: (host) => installWithLog(host, numbered(500)) } });

  test("the end is followed until one scrolls up, and again at the bottom", async ({ host, panel }) => {
    await host.reaches("acme", "disabled");
    await panel.goto("/logs/acme");
    await expect(row(panel, "line 499")).toBeInViewport();
    await appendFile(logFile(host), toText(numbered(100, 500)));
    await expect(row(panel, "line 599")).toBeInViewport();
    await expect.poll(() => distanceFromEnd(panel)).toBe(0);

    await scrollUp(panel, 600);
    const top = await log(panel).evaluate((element) => element.scrollTop);
    await appendFile(logFile(host), toText(numbered(3, 600)));
    await expect(panel.getByRole("button", { name: "Jump to newest (3 new)" })).toBeVisible();
    expect(await log(panel).evaluate((element) => element.scrollTop)).toBe(top);

    await panel.getByRole("button", { name: /^Jump to newest/ }).click();
    await expect(row(panel, "line 602")).toBeInViewport();
    await expect(panel.getByRole("button", { name: /^Jump to newest/ })).toHaveCount(0);
    await appendFile(logFile(host), toText(numbered(50, 603)));
    await expect(row(panel, "line 652")).toBeInViewport();

    await scrollUp(panel, 600);
    await log(panel).press("End");
    await expect(panel.getByRole("button", { name: /^Jump to newest/ })).toHaveCount(0);
    await appendFile(logFile(host), toText(numbered(50, 653)));
    await expect(row(panel, "line 702")).toBeInViewport();
  });

  test("a flood is followed to its last line", async ({ host, panel }) => {
    await host.reaches("acme", "disabled");
    await panel.goto("/logs/acme");
    await expect(row(panel, "line 499")).toBeInViewport();
    for (let from = 500; from < 20_500; from += 1_000) await appendFile(logFile(host), toText(numbered(1_000, from)));
    await expect(row(panel, "line 20499")).toBeInViewport();
    await expect(panel.getByText("20,500 lines, 20,500 of them loaded.")).toBeVisible();
    expect(await rows(panel).count()).toBeLessThan(200);
  });

  test("a tab that is not shown closes its stream, and misses nothing", async ({ host, panel }) => {
    await host.reaches("acme", "disabled");
    await panel.goto("/logs/acme");
    await expect(row(panel, "line 499")).toBeInViewport();
    const closed = panel.waitForEvent("requestfailed", (request) => request.url().includes("/logs/stream"));
    await setHidden(panel, true);
    await closed;
    await appendFile(logFile(host), toText(numbered(20, 500)));
    await setHidden(panel, false);
    await expect(row(panel, "line 519")).toBeInViewport();
    await expect(panel.getByText("520 lines, 520 of them loaded.")).toBeVisible();
  });
});

/** What a browser tells a page whose tab goes to the back; headless ones show all tabs. */
async function setHidden(panel: Page, hidden: boolean): Promise<void> {
  await panel.evaluate((isHidden) => {
    Object.defineProperty(document, "hidden", { value: isHidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}

test.describe("a connection that is cut", () => {
  test.use({ hostOptions: { prepare: (host) => host.install("v2", "acme") } });

  test("10 cuts during a log stream lose and double no line", async ({ host, panel, context }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await host.reaches("acme", "running");
    const proxy = await cuttingProxy(Number(new URL(host.url).port));
    try {
      await panel.goto(`${proxy.url}/logs/acme`);
      await expect(panel.getByText("Live", { exact: true })).toBeVisible();
      let written = 0;
      const write = async () => {
        const response = await host.fetch(`/plugins/acme/stderr?lines=1&text=${encodeURIComponent(`n=${written}=`)}`);
        expect(response.status).toBe(200);
        written += 1;
      };
      for (let cuts = 0; cuts < 10; cuts += 1) {
        const before = written;
        // What is written just before, at and just after the cut, and that the stream is there again.
        for (let index = 0; index < 10; index += 1) await write();
        expect(proxy.cut()).toBeGreaterThan(0);
        for (let index = 0; index < 10; index += 1) await write();
        await expect(row(panel, `n=${before + 19}=`)).toBeInViewport();
      }
      const lines = (await copyAll(panel)).flatMap((line) => /n=(\d+)=/.exec(line)?.[1] ?? []);
      expect(lines).toEqual(Array.from({ length: written }, (_, index) => String(index)));
    } finally {
      await proxy.close();
    }
  });
});

/** Passes bytes on, and cuts all its connections on demand. */
async function cuttingProxy(port: number) {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    const count = sockets.size;
    for (const socket of sockets) socket.resetAndDestroy();
    return count;
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    close: async () => {
      server.close();
      cut();
    },
  };
}

test.describe("nothing to show", () => {
  test.use({ hostOptions: { prepare: (host) => installWithLog(host, []) } });

  test("an empty log says so until the first line comes", async ({ host, panel }) => {
    await host.reaches("acme", "disabled");
    await panel.goto("/logs/acme");
    await expect(panel.getByText("This plugin has logged nothing yet")).toBeVisible();
    await appendFile(logFile(host), toText(numbered(1)));
    await expect(row(panel, "line 0")).toBeVisible();
  });

  test("a plugin that is not there is named", async ({ panel }) => {
    await panel.goto("/logs/nobody");
    await expect(panel.getByText("There is no plugin “nobody”")).toBeVisible();
  });

  test("who may not read logs is told so", async ({ host, browser }) => {
    await host.reaches("acme", "disabled");
    const user = { username: "reader", password: "correct horse battery", role: "user" };
    expect((await host.post("/api/users", user)).status).toBe(201);
    const context = await browser.newContext({ baseURL: host.url });
    const login = await context.request.post("/api/auth/login", {
      data: { username: user.username, password: user.password },
      headers: { origin: host.url },
    });
    expect(login.ok()).toBe(true);
    const page = await context.newPage();
    await page.goto("/logs/acme");
    await expect(page.getByText("Only administrators may read logs")).toBeVisible();
    await context.close();
  });
});
