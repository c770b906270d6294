// The list of runs.

import { announce, ask, fill, h, listen } from "./dom.js";
import { compact, count, exactMoment, moment, seconds, stateKind } from "./format.js";

const pageSize = 100;

export function show(main) {
    const state = { runs: [], total: 0, offset: 0, request: null, agents: "" };
    const parameters = new URLSearchParams(location.search);

    const search = h("input", { type: "search", "aria-label": "Search runs", placeholder: "Search tasks, answers, outputs", value: parameters.get("words") ?? "" });
    const agent = h("select", { "aria-label": "Agent" }, h("option", { value: "" }, "All agents"));
    const end = h("select", { "aria-label": "State" },
        [["", "Any state"], ["running", "Running"], ["finished", "Finished"], ["limit", "At a limit"], ["interrupted", "Interrupted"], ["cut off", "Cut off"], ["endpoint failed", "Endpoint failed"], ["damaged", "Damaged"]]
            .map(([value, text]) => h("option", { value, selected: value === (parameters.get("end") ?? "") }, text)));
    const order = h("select", { "aria-label": "Order" },
        [["time", "Newest first"], ["saved", "Most saved"], ["seconds", "Longest"], ["turns", "Most turns"], ["tokens", "Most tokens"], ["cost", "Most expensive"]]
            .map(([value, text]) => h("option", { value, selected: value === (parameters.get("order") ?? "time") }, text)));
    const tally = h("span", { class: "count" });
    const problems = h("div");
    const body = h("tbody");
    const table = h("table", { class: "runs" },
        h("caption", { class: "unseen" }, "Recorded runs"),
        h("thead", {}, h("tr", {},
            h("th", { class: "c-state", scope: "col" }, "State"), h("th", { scope: "col" }, "Task"), h("th", { class: "c-agent", scope: "col" }, "Agent"),
            h("th", { class: "c-time", scope: "col" }, "Time, saved"),
            h("th", { class: "c-hits number", scope: "col", title: "Calls whose output had been made ahead" }, "Hits"),
            h("th", { class: "c-turns number", scope: "col" }, "Turns"), h("th", { class: "c-tokens number", scope: "col" }, "Tokens"),
            h("th", { class: "c-began number", scope: "col" }, "Began"))),
        body);
    const more = h("button", { type: "button", onclick: () => load(true) }, "Show more");
    const moreRow = h("div", { class: "more", hidden: true }, more);
    const empty = h("div", { class: "empty", hidden: true });
    const panel = h("div", { class: "panel", hidden: true }, table, moreRow);
    const form = h("form", { class: "filters", role: "search", onsubmit: (event) => event.preventDefault() },
        h("h1", {}, "Runs"), search, agent, end, order, h("span", { class: "grow" }), tally);
    fill(main, h("div", { class: "sheet" }, form, problems, panel, empty));

    const filters = () => {
        const query = new URLSearchParams();
        if (search.value.trim()) query.set("words", search.value.trim());
        const wanted = agent.value || (agent.options.length === 1 ? parameters.get("agent") : "");
        if (wanted) query.set("agent", wanted);
        if (end.value) query.set("end", end.value);
        if (order.value !== "time") query.set("order", order.value);
        return query;
    };

    async function load(isMore = false) {
        state.request?.abort();
        state.request = new AbortController();
        const query = filters();
        history.replaceState(null, "", query.size ? `/?${query}` : "/");
        // Anew: as much as is shown.
        const limit = isMore ? pageSize : Math.min(1000, Math.max(pageSize, state.runs.length));
        query.set("limit", limit);
        query.set("offset", isMore ? state.runs.length : 0);
        try {
            const answer = await ask(`/api/runs?${query}`, { signal: state.request.signal });
            state.runs = isMore ? [...state.runs, ...answer.runs] : answer.runs;
            state.total = answer.total;
            choose(answer.agents);
            paint(answer);
        } catch (error) {
            if (error.name !== "AbortError") fill(problems, h("p", { class: "problem", role: "alert" }, error.message));
        }
    }

    function choose(agents) {
        const text = JSON.stringify(agents);
        if (text === state.agents) return;
        state.agents = text;
        const wanted = agent.value || parameters.get("agent") || "";
        fill(agent, h("option", { value: "" }, "All agents"), agents.map((name) => h("option", { value: name, selected: name === wanted }, name)));
    }

    function paint(answer) {
        fill(problems, answer.problems.map((text) => h("p", { class: "hint" }, text)),
            answer.reading && h("p", { class: "hint", role: "status" }, `Reading logs: ${count(answer.reading.done)} of ${count(answer.reading.all)}`));
        const active = document.activeElement?.closest?.("tr")?.dataset.run;
        fill(body, state.runs.map(row));
        if (active) body.querySelector(`tr[data-run="${active}"] a`)?.focus({ preventScroll: true });
        fill(tally, `${count(state.total)} ${state.total === 1 ? "run" : "runs"}`);
        panel.hidden = state.runs.length === 0;
        empty.hidden = state.runs.length > 0 || Boolean(answer.reading);
        if (!empty.hidden) {
            fill(empty, filters().size ? "No run fits." : ["Nothing was recorded yet. Begin with ", h("code", {}, 'forerun run coder "a task"'), "."]);
        }
        moreRow.hidden = state.runs.length >= state.total;
    }

    let pause = null;
    const soon = () => {
        clearTimeout(pause);
        pause = setTimeout(() => {
            state.runs = [];
            load().then(() => announce(`${count(state.total)} runs`));
        }, 150);
    };
    for (const input of [search, agent, end, order]) input.addEventListener("input", soon);
    // Whoever scrolls to the end wants more.
    const watcher = new IntersectionObserver((entries) => {
        if (entries.some((entry) => entry.isIntersecting) && state.runs.length < state.total && state.runs.length > 0) load(true);
    }, { rootMargin: "400px" });
    watcher.observe(moreRow);
    load();
    const stop = listen("/api/events", { changed: () => load() });
    return () => {
        stop();
        watcher.disconnect();
        clearTimeout(pause);
        state.request?.abort();
    };
}

function row(run) {
    const isLive = run.end === "running";
    return h("tr", { "data-run": run.run },
        h("td", { class: "c-state" }, h("span", { class: `chip ${stateKind(run.end)}` }, isLive ? "live" : run.end)),
        h("td", { class: "task" },
            h("a", { href: `/runs/${run.run}` }, run.task?.trim() || "(no task)"),
            h("small", {}, [run.run, run.workspace].filter(Boolean).join(" · "))),
        h("td", { class: "c-agent dim" }, run.agent ?? ""),
        h("td", { class: "c-time" }, race(run)),
        h("td", { class: "c-hits number" }, run.calls ? `${count(run.callHits)}/${count(run.calls)}` : "–"),
        h("td", { class: "c-turns number" }, count(run.turns)),
        h("td", { class: "c-tokens number" }, compact((run.inputTokens ?? 0) + (run.outputTokens ?? 0))),
        h("td", { class: "c-began number dim", title: exactMoment(run.began) }, moment(run.began)));
}

/** What a run took, and what speculation took off. */
function race(run) {
    const saved = run.savedSeconds;
    const whole = run.seconds + Math.max(0, saved ?? 0);
    const words = h("div", { class: "words" }, h("span", {}, seconds(run.seconds)),
        saved === null || saved === undefined ? null
            : saved > 0.005 ? h("span", { class: "saved" }, `${seconds(saved)} saved`) : h("span", { class: "dim" }, "0 s saved"));
    if (!(whole > 0) || saved === null || saved === undefined) return h("div", { class: "race" }, words);
    const share = (run.seconds / whole) * 100;
    return h("div", { class: "race" }, words, h("div", { class: "track", "aria-hidden": "true" },
        h("span", { class: "took", style: { width: `${share}%` } }), h("span", { class: "won", style: { width: `${100 - share}%` } })));
}
