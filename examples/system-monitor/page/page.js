const RANGES = [
  ["10m", "10 min", "10 minutes"],
  ["1h", "1 h", "1 hour"],
  ["24h", "24 h", "24 hours"],
  ["7d", "7 d", "7 days"],
];

/** What was drawn so far with the points that are new; the last one may have grown meanwhile. */
function withNews(points, { seconds, points: news }, at) {
  const first = news[0]?.at ?? Infinity;
  return [...points.filter((point) => point.at < first && point.at >= at - seconds), ...news];
}

function mount(container, api) {
  const summary = element("p", {}, "Reading …");
  const trouble = element("p", { class: "bad", role: "status" });
  const charts = createCharts();
  const processes = api.user.role === "admin" ? createProcesses() : createProcessCount();
  const panels = [createCores(), createMemory(), createFileSystems(), createInterfaces(), processes];
  const cards = [...charts, ...panels.slice(0, -1)].map(({ node }) => node);
  let range = "10m";
  let points = [];
  let newest = null;

  const ranges = choice("Range", RANGES, range, (value) => {
    range = value;
    points = [];
    follow();
  });
  const title = element("div", {}, element("h2", {}, "System monitor"), summary, trouble);
  const page = element("div", { class: "sysmon" }, element("div", { class: "head" }, title, ranges));
  container.replaceChildren(element("style", {}, STYLE), page);

  function draw(latest) {
    const { host, now, at, history } = latest;
    newest = at;
    points = withNews(points, history, at);
    charts.forEach((chart) => chart.draw({ ...history, points, end: at }));
    panels.forEach((panel) => panel.draw(latest));
    const facts = [host.name, `up ${duration(now.uptime)}`, `Linux ${host.kernel}`, host.cpu_model];
    summary.textContent = facts.filter(Boolean).join(" · ");
    say("");
    // All at once, with something in each: nothing jumps.
    if (page.children.length === 1) page.append(element("div", { class: "cards" }, ...cards), processes.node);
  }

  function say(text) {
    trouble.textContent = text;
    summary.hidden = text !== "";
  }

  const follow = followEvents({
    url: () => `/plugins/system-monitor/live?range=${range}`,
    signal: api.signal,
    onData: draw,
    onTrouble: () =>
      say(newest === null ? "Nothing comes yet; trying again." : `Not live since ${clock(newest, 0)}; trying again.`),
  });
}

window.ToruPlugins ??= {};
window.ToruPlugins["system-monitor"] = { mount, unmount: (container) => container.replaceChildren() };
