const POLL_MS = 2000;
const RANGES = [
  ["10m", "10 min", "10 minutes"],
  ["1h", "1 h", "1 hour"],
  ["24h", "24 h", "24 hours"],
  ["7d", "7 d", "7 days"],
];

/** Asks the plugin for JSON; an error has the words of who answered. */
async function ask(api, path) {
  const answer = await api.fetch(path, { signal: api.signal });
  const data = await answer.json();
  if (!answer.ok) throw new Error(data.error?.message ?? data.detail ?? `status ${answer.status}`);
  return data;
}

/** The points of the chosen range. Only what is new is asked for, and the last point again, for it may still grow. */
function createHistory(api, onChange) {
  let range = "10m";
  let series = null;

  async function follow(now) {
    const wanted = range;
    const last = series?.range === wanted ? series.points.at(-1) : undefined;
    if (last && now - last.at < series.interval) return;
    const data = await ask(api, `/history?range=${wanted}${last ? `&after=${last.at}` : ""}`);
    if (wanted !== range) return; // another one was chosen meanwhile
    const kept = last ? series.points.filter(({ at }) => at < last.at && at >= now - data.seconds) : [];
    series = { ...data, range: wanted, end: now, points: [...kept, ...data.points] };
    onChange(series);
  }

  return { follow, choose: (value) => (range = value) };
}

function mount(container, api) {
  const summary = element("p", {}, "Reading …");
  const trouble = element("p", { class: "bad", role: "status" });
  const charts = createCharts();
  const history = createHistory(api, (series) => charts.forEach((chart) => chart.draw(series)));
  const processes = api.user.role === "admin" ? createProcesses() : createProcessCount();
  const panels = [createCores(), createMemory(), createFileSystems(), createInterfaces(), processes];
  const cards = [...charts, ...panels.slice(0, -1)].map(({ node }) => node);

  const ranges = choice("Range", RANGES, "10m", (value) => {
    history.choose(value);
    void poll();
  });
  const title = element("div", {}, element("h2", {}, "System monitor"), summary, trouble);
  const page = element("div", { class: "sysmon" }, element("div", { class: "head" }, title, ranges));
  container.replaceChildren(element("style", {}, STYLE), page);

  function draw(latest) {
    const { host, now } = latest;
    const facts = [host.name, `up ${duration(now.uptime)}`, `Linux ${host.kernel}`, host.cpu_model];
    summary.textContent = facts.filter(Boolean).join(" · ");
    panels.forEach((panel) => panel.draw(latest));
    // All at once, with something in each: nothing jumps.
    if (page.children.length === 1) page.append(element("div", { class: "cards" }, ...cards), processes.node);
  }

  async function poll() {
    try {
      const latest = await ask(api, "/");
      await history.follow(latest.at);
      draw(latest);
      trouble.textContent = "";
    } catch (error) {
      if (!api.signal.aborted) trouble.textContent = `No news: ${error.message}`;
    }
    summary.hidden = trouble.textContent !== "";
  }

  /** One question after another, and none while nobody sees the answer. */
  async function pollForEver() {
    while (!api.signal.aborted) {
      if (!document.hidden) await poll();
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  document.addEventListener("visibilitychange", () => !document.hidden && void poll(), { signal: api.signal });
  void pollForEver();
}

window.ToruPlugins ??= {};
window.ToruPlugins["system-monitor"] = { mount, unmount: (container) => container.replaceChildren() };
