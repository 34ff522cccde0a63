/* oxlint-disable max-lines -- a bundle without a build is one file */
// The page in the panel: one script, no build. What comes from certificates and hosts is foreign text: it reaches the
// page as text nodes only. Colours and corners are the panel's tokens, so that it looks at home in light and dark.
(() => {
  const REFRESH_MS = 30_000;
  const REFRESH_WHILE_CHECKING_MS = 1000;
  const SHOWN_AT_FIRST = 10;
  const LEVELS = ["good", "notice", "warning", "bad"];
  const WORDS = { good: "Good", notice: "Soon", warning: "Warning", bad: "Urgent" };

  const STYLE = `
    .certs { display: grid; gap: 20px; margin: 0 auto; max-width: 60rem; }
    .certs h2, .certs h3 { font-size: 16px; font-weight: 600; margin: 0; overflow-wrap: anywhere; }
    .certs h3 { font-size: 14px; }
    .certs p, .certs dl, .certs dd, .certs ul { margin: 0; padding: 0; }
    .certs ul { list-style: none; }
    .certs .muted, .certs dt { color: var(--toru-text-muted); font-size: 13px; }
    .certs .card { background: var(--toru-surface); border: 1px solid var(--toru-line);
      border-radius: var(--toru-radius); overflow: hidden; }
    .certs .pad { display: grid; gap: 12px; padding: 16px; }
    .certs .bar { align-items: center; display: flex; flex-wrap: wrap; gap: 8px 12px; justify-content: space-between; }
    .certs .head { align-items: start; border-bottom: 1px solid var(--toru-line); flex-wrap: nowrap; padding: 12px 16px; }
    .certs .head button { flex: none; }
    .certs .list { display: grid; gap: 16px; }
    .certs .row { display: grid; gap: 4px 16px; grid-template-columns: 7.5rem minmax(0, 1fr); padding: 12px 16px; }
    .certs .row + .row { border-top: 1px solid var(--toru-line); }
    .certs .name { font-weight: 500; overflow-wrap: anywhere; }
    .certs .days { display: grid; gap: 6px; align-content: start; }
    .certs .days b { font-size: 18px; font-variant-numeric: tabular-nums; font-weight: 600; line-height: 1.3; }
    .certs .badge { border-radius: 999px; display: inline-block; font-size: 12px; font-weight: 500; padding: 1px 8px; }
    .certs .badge.good { background: var(--toru-good-soft); color: var(--toru-good); }
    .certs .badge.notice { background: var(--toru-muted); color: var(--toru-text); }
    .certs .badge.warning { background: var(--toru-warn-soft); color: var(--toru-warn); }
    .certs .badge.bad { background: var(--toru-bad-soft); color: var(--toru-bad); }
    .certs .text.warning { color: var(--toru-warn); }
    .certs .text.bad { color: var(--toru-bad); }
    .certs li details { font-size: 13px; }
    .certs .card > details > summary { padding: 12px 16px; }
    .certs summary { border-radius: 4px; color: var(--toru-brand); cursor: pointer; width: fit-content; }
    .certs dl { display: grid; gap: 4px 16px; grid-template-columns: 7rem minmax(0, 1fr); padding-top: 8px; }
    .certs dd { overflow-wrap: anywhere; }
    .certs .mono { font-family: var(--toru-font-mono); font-size: 12px; }
    .certs form { align-items: end; display: flex; flex-wrap: wrap; gap: 12px; padding: 16px; }
    .certs label { display: grid; flex: 1 1 8rem; font-weight: 500; gap: 6px; }
    .certs label.wide { flex: 3 1 16rem; }
    .certs input { background: var(--toru-surface); border: 1px solid var(--toru-line-strong); border-radius: 6px;
      box-sizing: border-box; color: var(--toru-text); font: inherit; height: 36px; min-width: 0; padding: 0 12px;
      width: 100%; }
    .certs input::placeholder { color: var(--toru-text-muted); opacity: 1; }
    .certs button { background: var(--toru-surface); border: 1px solid var(--toru-line-strong); border-radius: 6px;
      color: var(--toru-text); cursor: pointer; font: inherit; font-weight: 500; height: 36px; padding: 0 12px; }
    .certs button:hover { background: var(--toru-muted); }
    .certs button.primary { background: var(--toru-brand); border-color: transparent; color: var(--toru-brand-text); }
    .certs button.primary:hover { background: var(--toru-brand-hover); }
    .certs button.small { font-size: 13px; height: 28px; padding: 0 8px; }
    .certs button.danger { color: var(--toru-bad); }
    .certs button:disabled { cursor: default; opacity: 0.5; }
    .certs button:focus-visible, .certs summary:focus-visible { outline: 2px solid var(--toru-brand);
      outline-offset: 2px; }
    .certs input:focus-visible { border-color: var(--toru-brand); outline: 1px solid var(--toru-brand); }
    @media (max-width: 560px) {
      .certs .row { grid-template-columns: minmax(0, 1fr); }
      .certs .days { align-items: center; display: flex; gap: 12px; }
      .certs dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
      .certs dd { margin-bottom: 8px; }
    }`;

  /** An element with attributes, `on…` listeners among them, and children; a text is a text node. */
  function h(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes ?? {})) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.filter((child) => child !== null));
    return node;
  }

  const badge = (level, word = WORDS[level]) => h("span", { class: `badge ${level}` }, word);
  const moment = (text) => new Date(text).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  const count = (number, one, many) => `${number} ${number === 1 ? one : many}`;
  const total = (counts) => Object.values(counts).reduce((sum, number) => sum + number, 0);
  const rank = (target) => (target.level === null ? -1 : LEVELS.indexOf(target.level));
  const soonest = (target) => Math.min(...target.certificates.map((certificate) => certificate.days_left), 1e9);

  function daysText(days) {
    if (days < 0) return "expired";
    return days === 0 ? "today" : count(days, "day", "days");
  }

  function namesText({ names, more_names: more }) {
    const text = names.join(", ") || "none";
    return more > 0 ? `${text} and ${more} more` : text;
  }

  function facts(certificate) {
    const pairs = [
      ["Names", namesText(certificate)],
      ["Issued by", certificate.issuer + (certificate.is_self_signed ? " (self-signed)" : "")],
      ["Valid", `${moment(certificate.not_before)} – ${moment(certificate.not_after)}`],
      ["Kind", certificate.key + (certificate.is_ca ? ", an authority" : "")],
      ["Chain", certificate.chain.join(" → ") || null],
      ["Found in", certificate.source],
      ["Serial", certificate.serial, "mono"],
      ["SHA-256", certificate.sha256, "mono"],
    ];
    const known = pairs.filter(([, text]) => text !== null);
    return h(
      "dl",
      null,
      ...known.flatMap(([name, text, style]) => [h("dt", null, name), h("dd", { class: style ?? "" }, text)]),
    );
  }

  function certificateRow(certificate, key, opened) {
    const details = h(
      "details",
      { open: opened.has(key) },
      h("summary", { "data-key": `d:${key}` }, "Details"),
      facts(certificate),
    );
    details.addEventListener("toggle", () => (details.open ? opened.add(key) : opened.delete(key)));
    return h(
      "li",
      { class: "row" },
      h(
        "div",
        { class: "days" },
        h("b", null, daysText(certificate.days_left)),
        h("span", null, badge(certificate.level)),
      ),
      h(
        "div",
        null,
        h("p", { class: "name" }, certificate.subject),
        h("p", { class: "muted" }, `until ${moment(certificate.not_after)}, by ${certificate.issuer}`),
        ...certificate.problems.map(({ level, text }) => h("p", { class: `text ${level}` }, text)),
        details,
      ),
    );
  }

  /** Asks again before it does something: the first click arms it, leaving it disarms it. */
  function removeButton(target, remove) {
    const words = (text) => {
      button.textContent = text;
      button.setAttribute("aria-label", `${text}: ${target.target}`);
    };
    const button = h("button", { type: "button", class: "small danger", "data-key": `r:${target.id}` });
    words("Remove");
    button.addEventListener("click", () =>
      button.textContent === "Remove" ? words("Really remove?") : remove(button),
    );
    button.addEventListener("blur", () => words("Remove"));
    return button;
  }

  function targetCard(target, view) {
    const seen = target.checked_at === null ? "not looked at yet" : `looked at ${moment(target.checked_at)}`;
    const sent = target.certificates; // the worst first
    const isShort = sent.length > SHOWN_AT_FIRST && !view.opened.has(target.id);
    const shown = isShort ? sent.slice(0, SHOWN_AT_FIRST) : sent;
    const unsent = total(target.counts) - sent.length;
    const showAll = () => {
      view.opened.add(target.id);
      view.draw(`d:${target.id}${sent[SHOWN_AT_FIRST].sha256}`); // the button that has the focus goes away
    };
    const more = isShort
      ? h("button", { type: "button", class: "small", onclick: showAll }, `Show ${sent.length - SHOWN_AT_FIRST} more`)
      : h("p", { class: "muted" }, `and ${unsent} more that are no worse`);
    return h(
      "section",
      { class: "card", "aria-label": target.target },
      h(
        "div",
        { class: "bar head" },
        h("div", null, h("h3", null, target.target), h("p", { class: "muted" }, seen)),
        view.isAdmin ? removeButton(target, (button) => view.remove(target, button)) : null,
      ),
      target.problem === null
        ? null
        : h(
            "div",
            { class: "row" },
            h("span", null, badge("bad", "Problem")),
            h("p", { class: "text bad" }, target.problem),
          ),
      h(
        "ul",
        null,
        ...shown.map((certificate) => certificateRow(certificate, target.id + certificate.sha256, view.opened)),
      ),
      isShort || unsent > 0 ? h("div", { class: "pad" }, h("div", null, more)) : null,
    );
  }

  function summaryText({ targets, checking }, isAdmin) {
    if (targets.length === 0)
      return isAdmin
        ? "Nothing is watched yet. Name something below."
        : "Nothing is watched yet. An admin can name something.";
    const problems = targets.filter(({ problem }) => problem !== null).length;
    const wrong = targets.reduce((sum, { counts }) => sum + counts.warning + counts.bad, problems);
    const all = targets.reduce((sum, { counts }) => sum + total(counts), problems);
    const words =
      wrong === 0 ? `All is well: ${count(all, "certificate", "certificates")}.` : `${wrong} of ${all} need attention.`;
    return checking ? `${words} Checking …` : words;
  }

  function field(label, attributes, wide) {
    return h("label", { class: wide ? "wide" : "" }, label, h("input", { autocomplete: "off", ...attributes }));
  }

  function addForm(add) {
    const target = {
      name: "target",
      required: true,
      maxlength: 1024,
      placeholder: "example.org, :8443 or /etc/ssl",
    };
    const form = h(
      "form",
      null,
      field("Host, port of this server, file or folder", { ...target, spellcheck: "false" }, true),
      field("Name, where it has another", {
        name: "name",
        maxlength: 253,
        placeholder: "www.example.org",
        spellcheck: "false",
      }),
      h("button", { class: "primary" }, "Watch"),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void add(form);
    });
    return h("section", { class: "card", "aria-label": "Watch something" }, form);
  }

  function settingsForm(save) {
    const number = (label, name, min, max) => field(label, { name, type: "number", min, max, required: true });
    const form = h(
      "form",
      null,
      number("Notice, days left", "notice", 0, 3650),
      number("Warning, days left", "warning", 0, 3650),
      number("Urgent, days left", "bad", 0, 3650),
      number("Check every, minutes", "interval_minutes", 5, 10_080),
      number("Time limit, seconds", "timeout_seconds", 1, 20),
      field(
        "Own authorities, a PEM file",
        { name: "ca_file", placeholder: "/etc/ssl/our-root.pem", spellcheck: "false" },
        true,
      ),
      h("button", null, "Save"),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void save(form);
    });
    return form;
  }

  function fillSettings(form, settings) {
    const [notice, warning, bad] = settings.warn_days;
    const values = { ...settings, notice, warning, bad, ca_file: settings.ca_file ?? "" };
    for (const input of form.querySelectorAll("input")) input.value = values[input.name];
  }

  function readSettings(form) {
    const value = Object.fromEntries(new FormData(form));
    return {
      warn_days: [Number(value.notice), Number(value.warning), Number(value.bad)],
      interval_minutes: Number(value.interval_minutes),
      timeout_seconds: Number(value.timeout_seconds),
      ca_file: value.ca_file.trim() || null,
    };
  }

  /** Draws the list anew where something has changed, and leaves focus and opened details as they were. */
  function drawList(list, data, view, focus) {
    const hadFocus = list.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
    const focused = focus ?? hadFocus;
    const sorted = data.targets.toSorted((one, other) => rank(other) - rank(one) || soonest(one) - soonest(other));
    list.replaceChildren(...sorted.map((target) => targetCard(target, view)));
    if (focused) [...list.querySelectorAll("[data-key]")].find((node) => node.dataset.key === focused)?.focus();
  }

  async function mount(container, api) {
    const isAdmin = api.user.role === "admin";
    const status = h("h2", null, "Reading …");
    const list = h("div", { class: "list" });
    const check = h("button", { type: "button" }, "Check now");
    let data = null;
    let drawn = "";
    let isEdited = false;
    let timer = 0;
    const view = { isAdmin, opened: new Set(), draw: (focus) => drawList(list, data, view, focus), remove };

    function show(found) {
      data = found;
      status.textContent = summaryText(found, isAdmin);
      const text = JSON.stringify(found.targets);
      if (text !== drawn) view.draw();
      drawn = text;
      if (!isEdited) fillSettings(settings, found.settings);
      clearTimeout(timer);
      if (!api.signal.aborted)
        timer = setTimeout(() => void refresh(), found.checking ? REFRESH_WHILE_CHECKING_MS : REFRESH_MS);
    }

    /** Asks the plugin and shows its answer, the whole state. Returns whether it went well. */
    async function ask(method, path, body) {
      const headers = body === undefined ? {} : { "content-type": "application/json" };
      try {
        const answer = await api.fetch(path, { method, headers, body: JSON.stringify(body), signal: api.signal });
        const found = await answer.json();
        if (!answer.ok) throw new Error(found.detail ?? `status ${answer.status}`);
        show(found);
        return true;
      } catch (error) {
        if (api.signal.aborted) return false;
        if (data === null) status.textContent = error.message;
        if (method !== "GET") api.showToast(error.message, "error");
        clearTimeout(timer);
        timer = setTimeout(() => void refresh(), REFRESH_MS);
        return false;
      }
    }

    async function refresh() {
      await ask("GET", "/");
    }

    /** Nothing is sent twice while the first is on its way. */
    async function once(button, work) {
      if (button.disabled) return;
      button.disabled = true;
      await work();
      button.disabled = false;
    }

    async function remove(target, button) {
      await once(button, () => ask("DELETE", `/targets/${target.id}`));
    }

    async function add(form) {
      const { target, name } = Object.fromEntries(new FormData(form));
      await once(form.querySelector("button"), async () => {
        if (await ask("POST", "/targets", { target, name: name.trim() || null })) form.reset();
      });
      form.querySelector("input").focus();
    }

    async function save(form) {
      await once(form.querySelector("button"), async () => {
        if (!(await ask("PUT", "/settings", readSettings(form)))) return;
        isEdited = false;
        api.showToast("Settings saved", "success");
      });
    }

    check.addEventListener("click", () => once(check, () => ask("POST", "/check")));
    const settings = settingsForm(save);
    settings.addEventListener("input", () => (isEdited = true));
    const parts = [
      h("div", { class: "bar" }, h("div", { role: "status" }, status), isAdmin ? check : null),
      isAdmin ? addForm(add) : null,
      list,
    ];
    if (isAdmin)
      parts.push(
        h(
          "section",
          { class: "card", "aria-label": "Settings" },
          h("details", null, h("summary", null, "Settings"), settings),
        ),
      );
    container.replaceChildren(
      h("style", null, STYLE),
      h("div", { class: "certs" }, ...parts.filter((part) => part !== null)),
    );
    api.signal.addEventListener("abort", () => clearTimeout(timer));
    await refresh();
  }

  window.ToruPlugins ??= {};
  window.ToruPlugins.certificates = {
    mount,
    unmount: (container) => container.replaceChildren(),
  };
})();
