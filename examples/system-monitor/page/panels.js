/* oxlint-disable no-unused-vars -- one script is made of the files of this folder */

/** Rows of the process table; as many are always there, so that nothing jumps. */
const PROCESS_ROWS = 10;
/** A disk or the memory that is used by more than this is worth a word. */
const NEARLY_FULL = 0.9;

function createCharts() {
  const ofAll = { top: () => 100, scale: percent };
  const ofBytes = { top: niceAbove, scale: rate };
  const line = (label, place, show) => ({ label, place, show });
  return [
    createChart({ title: "CPU", lines: [line("Used", 0, percent)], ...ofAll }),
    createChart({ title: "Memory", lines: [line("Used", 1, percent), line("Swap", 2, percent)], ...ofAll }),
    createChart({ title: "Network", lines: [line("Received", 4, rate), line("Sent", 5, rate)], ...ofBytes }),
    createChart({ title: "Disk activity", lines: [line("Read", 6, rate), line("Written", 7, rate)], ...ofBytes }),
  ];
}

function createCores() {
  const load = element("span", { class: "detail" });
  const rows = element("div", { class: "cores rows" });
  return {
    node: card("Cores", [load], rows),
    draw({ now }) {
      load.textContent = `load ${now.load.map((number) => number.toFixed(2)).join(", ")}`;
      rows.replaceChildren(...now.cores.map((used, core) => bar(`CPU ${core}`, percent(used), used / 100)));
    },
  };
}

function createMemory() {
  const rows = element("div", { class: "rows" });
  const part = (name, bytes, whole, none) => {
    const fraction = bytes / Math.max(1, whole);
    const isBad = fraction > NEARLY_FULL;
    return bar(name, whole ? `${size(bytes)} of ${size(whole)}${isBad ? ", nearly full" : ""}` : none, fraction, isBad);
  };
  return {
    node: card("Memory now", [], rows),
    draw({ now: { memory } }) {
      rows.replaceChildren(
        part("Used", memory.used, memory.total, "unknown"),
        bar("Copies of files", size(memory.cached), memory.cached / Math.max(1, memory.total)),
        part("Swap", memory.swap_used, memory.swap_total, "none"),
      );
    },
  };
}

function createFileSystems() {
  const rows = element("div", { class: "rows" });
  return {
    node: card("File systems", [], rows),
    draw({ file_systems: systems }) {
      const row = ({ mount, used, available }) => {
        const fraction = used / Math.max(1, used + available);
        const isBad = fraction > NEARLY_FULL;
        const detail = `${percent(100 * fraction)} used, ${size(available)} free${isBad ? ", nearly full" : ""}`;
        return bar(mount, detail, fraction, isBad);
      };
      rows.replaceChildren(...systems.map(row));
    },
  };
}

function createInterfaces() {
  const place = element("div", {});
  const columns = [
    ["Interface", "name"],
    ["In", "number"],
    ["Out", "number"],
    ["In, in all", "number extra"],
    ["Out, in all", "number extra"],
  ];
  return {
    node: card("Network interfaces", [], place),
    draw({ now: { interfaces } }) {
      const rows = interfaces.map((one) => [
        one.name,
        rate(one.received),
        rate(one.sent),
        size(one.received_total),
        size(one.sent_total),
      ]);
      place.replaceChildren(table("interfaces", "Network interfaces", columns, rows));
    },
  };
}

function createProcesses() {
  const count = element("span", { class: "detail" });
  const place = element("div", {});
  const columns = [
    ["Name", "name"],
    ["CPU", "number"],
    ["Memory", "number"],
    ["User", "user extra"],
    ["PID", "number extra"],
  ];
  let order = "by_cpu";
  let latest = null;

  function draw(news) {
    latest = news;
    count.textContent = `${news.process_count} in all`;
    const rows = (news.processes?.[order] ?? []).slice(0, PROCESS_ROWS).map((one) => {
      return [[one.name, one.command || one.name], percent(one.cpu), size(one.memory), one.user, String(one.pid)];
    });
    while (rows.length < PROCESS_ROWS) rows.push(columns.map(() => " "));
    place.replaceChildren(table("processes", "Processes", columns, rows));
  }

  const orders = [
    ["by_cpu", "CPU", "Those that use most CPU"],
    ["by_memory", "Memory", "Those that use most memory"],
  ];
  const choose = choice("Order", orders, order, (value) => {
    order = value;
    if (latest) draw(latest);
  });
  return { node: card("Processes", [count, choose], place), draw };
}

/** The host tells who asks, and who is no admin is not told of processes. */
function createProcessCount() {
  const text = element("p", {});
  return {
    node: card("Processes", [], text),
    draw({ process_count: count }) {
      text.textContent = `${count} run. An admin sees which.`;
    },
  };
}
