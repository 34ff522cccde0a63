/* oxlint-disable no-unused-vars -- one script is made of the files of this folder */

const SVG = "http://www.w3.org/2000/svg";
/** The plot's own units: it is stretched to whatever room there is, its lines are not. */
const WIDTH = 1000;
const HEIGHT = 100;

function svg(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

/**
 * A card with a line chart. `lines` are `{label, place, show}`: which value of a point, and how it is written.
 * `top` gives the upper end of the scale for the highest value. A pointer or the arrow keys look at a point.
 */
function createChart({ title, lines, top, scale }) {
  const plot = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  for (const height of [0, 0.5, 1]) {
    plot.append(svg("line", { class: "grid", x1: 0, x2: WIDTH, y1: height * HEIGHT, y2: height * HEIGHT }));
  }
  const area = svg("path", { class: "area" });
  const paths = lines.map((_, index) => svg("path", { class: "line line-" + index }));
  plot.append(area, ...paths);

  const highest = element("span", { class: "scale" });
  const cursor = element("span", { class: "cursor", hidden: "" });
  const look = element("div", {
    class: "plot",
    role: "slider",
    tabindex: "0",
    "aria-label": title + ", point in time",
  });
  look.append(plot, highest, cursor);

  const values = lines.map(() => element("strong", {}, "–"));
  const legend = lines.map(({ label }, index) =>
    element("span", { class: "key" }, element("i", { class: "swatch swatch-" + index }), label, " ", values[index]),
  );
  const when = element("span", { class: "when" }, "now");
  const [from, to] = [element("span", {}, " "), element("span", {}, "now")];
  const node = element(
    "section",
    { class: "card chart", "aria-label": title },
    element("header", {}, element("h3", {}, title), when),
    element("div", { class: "legend" }, ...legend),
    look,
    element("footer", {}, from, to),
  );

  let points = [];
  let range = { seconds: 600, interval: 2, end: 0 };
  /** Index of the point that is looked at; null follows the newest. */
  let chosen = null;
  const x = ({ at }) => WIDTH * (1 - (range.end - at) / range.seconds);

  /** Where nothing was measured for some time the line has a gap. */
  function trace(place, ceiling) {
    let path = "";
    let before = null;
    for (const point of points) {
      const isNew = before === null || point.at - before.at > range.interval * 2.5;
      const y = HEIGHT * (1 - Math.min(1, point.values[place] / ceiling));
      path += `${isNew ? "M" : "L"}${x(point).toFixed(1)} ${y.toFixed(2)}`;
      before = point;
    }
    return path;
  }

  /** Closes each part of a line down to the ground. */
  function fill(path) {
    const parts = path.split("M").filter((part) => part !== "");
    return parts
      .map((part) => {
        const ends = part.split("L").map((pair) => pair.split(" ")[0]);
        return `M${part}L${ends.at(-1)} ${HEIGHT}L${ends[0]} ${HEIGHT}Z`;
      })
      .join("");
  }

  /** A point that stands for minutes is not what is now. */
  const newest = () => (range.interval > 10 ? "latest" : "now");

  function showPoint() {
    const last = points.length - 1;
    const index = chosen === null ? last : Math.min(chosen, last);
    const point = points[index];
    look.setAttribute("aria-valuemin", "0");
    look.setAttribute("aria-valuemax", String(Math.max(0, last)));
    look.setAttribute("aria-valuenow", String(Math.max(0, index)));
    if (!point) return look.setAttribute("aria-valuetext", "nothing yet");
    const texts = lines.map(({ place, show }) => show(point.values[place]));
    texts.forEach((text, line) => (values[line].textContent = text));
    const time = chosen === null ? newest() : clock(point.at, range.seconds);
    when.textContent = time;
    look.setAttribute(
      "aria-valuetext",
      [time, ...lines.map(({ label }, line) => label + " " + texts[line])].join(", "),
    );
    cursor.hidden = chosen === null;
    cursor.style.left = Math.max(0, Math.min(100, (100 * x(point)) / WIDTH)) + "%";
  }

  function choose(index) {
    chosen = index === null || points.length === 0 ? null : Math.max(0, Math.min(points.length - 1, index));
    showPoint();
  }

  function nearest(clientX) {
    const box = look.getBoundingClientRect();
    const wanted = (WIDTH * (clientX - box.left)) / box.width;
    const distance = (point) => Math.abs(x(point) - wanted);
    return points.reduce((best, point, index) => (distance(point) < distance(points[best]) ? index : best), 0);
  }

  look.addEventListener("pointermove", (event) => choose(nearest(event.clientX)));
  look.addEventListener("pointerleave", () => choose(null));
  look.addEventListener("blur", () => choose(null));
  look.addEventListener("keydown", (event) => {
    const last = points.length - 1;
    const at = chosen ?? last;
    const page = Math.max(1, Math.round(points.length / 10));
    const moves = {
      ArrowLeft: at - 1,
      ArrowDown: at - 1,
      ArrowRight: at + 1,
      ArrowUp: at + 1,
      PageDown: at - page,
      PageUp: at + page,
      Home: 0,
      End: last,
      Escape: null,
    };
    if (!(event.key in moves)) return;
    event.preventDefault();
    choose(moves[event.key]);
  });

  function draw(series) {
    const shift =
      points.length > 0 && chosen !== null ? series.points.findIndex(({ at }) => at >= points[chosen].at) : -1;
    ({ points } = series);
    range = series;
    const most = Math.max(0, ...points.flatMap((point) => lines.map(({ place }) => point.values[place])));
    const ceiling = top(most);
    highest.textContent = scale(ceiling);
    paths.forEach((path, index) => path.setAttribute("d", trace(lines[index].place, ceiling)));
    area.setAttribute("d", fill(trace(lines[0].place, ceiling)));
    from.textContent = `${ago(series.seconds)} ago`;
    choose(shift === -1 ? null : shift);
  }

  return { node, draw };
}
