// One run: what it came to, its timeline, its transcript; live while it goes on.

import { announce, ask, fill, h, listen } from "./dom.js";
import { callLine, compact, count, exactMoment, fateWords, percent, plural, seconds, stateKind } from "./format.js";
import { Inspector } from "./inspector.js";
import { RunModel } from "./model.js";
import { Timeline } from "./timeline.js";
import { Transcript } from "./transcript.js";

export function show(main, name) {
    const model = new RunModel();
    const head = h("header", { class: "run-head" });
    const timeline = new Timeline(model, (item) => {
        inspector.show(item);
        const turn = item?.span.turn ?? (item ? model.turnAt(item.start) : -1);
        if (turn >= 0) transcript.reveal(turn);
        if (item) announce(`${item.span.call ? callLine(item.span.call).slice(0, 120) : `Answer of turn ${item.span.turn + 1}`}, ${fateWords(item.span)}, ${seconds(model.endOf(item.span) - item.span.start)}`);
    });
    const transcript = new Transcript(model, name, (turn) => {
        const item = model.lanes?.[0].findLast((item) => item.span.turn === turn.turn);
        const chosen = item ? model.byWork.get(item.span.work) : null;
        timeline.select(chosen);
        inspector.show(chosen);
        transcript.reveal(turn.turn, false);
    });
    const inspector = new Inspector(model, name, (turn) => transcript.reveal(turn));
    const table = h("div", { class: "work-table", tabindex: "0", role: "region", "aria-label": "Work as a table", hidden: true });
    const tableButton = h("button", { type: "button", class: "quiet", "aria-pressed": "false", onclick: () => {
        table.hidden = !table.hidden;
        timeline.box.hidden = !table.hidden;
        tableButton.setAttribute("aria-pressed", String(!table.hidden));
        if (!table.hidden) tabulate();
        else timeline.draw();
    } }, "Table");
    const button = (text, label, onclick) => h("button", { type: "button", class: "quiet", "aria-label": label, title: label, onclick }, text);
    const tools = h("div", { class: "tools" },
        h("h2", {}, "Timeline"), button("+", "Zoom in", () => timeline.zoom(0.6)), button("−", "Zoom out", () => timeline.zoom(1 / 0.6)),
        button("Fit", "Show all of the run", () => timeline.fit()), tableButton,
        h("div", { class: "legend", "aria-hidden": "true" },
            [["", "actor"], ["k-call", "calls"], ["k-ahead", "ran ahead, used"], ["k-unused", "not used"], ["k-cancelled", "cancelled"], ["k-committed", "branch, committed"], ["k-discarded", "discarded"]]
                .map(([kind, text]) => h("span", {}, h("i", { class: kind }), text))));
    const stage = h("section", { class: "stage", "aria-label": "Timeline" }, tools, timeline.box, table, inspector.node);
    const page = h("div", { class: "run-page" }, head, stage, transcript.node);
    fill(main, page);
    let stop = null;
    let isOver = false;
    let settings = { control: false };
    let clock = null;

    function take(update, isWhole) {
        const before = model.turns.length;
        const news = model.take(update, isWhole);
        if (news.has("facts") || news.has("turns") || news.has("notes")) paintHead();
        timeline.update();
        transcript.update(news);
        if (!table.hidden && news.has("spans")) tabulate();
        if (!isWhole && model.turns.length > before) announce(`Turn ${model.turns.length}`);
        clearInterval(clock);
        if (model.isLive) clock = setInterval(paintClock, 200);
    }

    function paintClock() {
        const node = head.querySelector("[data-clock]");
        if (node) node.textContent = seconds(model.now);
    }

    function paintHead() {
        const { facts, turns } = model;
        const completed = facts.completed;
        const speculation = completed?.speculation;
        const end = model.isLive ? "running" : facts.damage ? "damaged" : completed?.end ?? "cut off";
        document.title = `${facts.task?.trim().slice(0, 60) || name} – Forerun`;
        const calls = turns.flatMap((turn) => turn.calls).filter((call) => call.output !== undefined);
        const right = model.guesses.filter((guess) => guess.cameTrue === true).length;
        const judged = model.guesses.filter((guess) => guess.cameTrue !== null).length;
        const output = turns.reduce((sum, turn) => sum + (turn.usage?.output ?? 0), 0);
        const input = turns.reduce((sum, turn) => sum + (turn.usage?.input ?? 0), 0);
        const callHits = calls.filter((call) => call.ahead).length;
        const turnHits = turns.filter((turn) => turn.ahead).length;
        const items = [
            ["time", h("span", { "data-clock": true }, seconds(completed?.seconds ?? model.now))],
            ["turns", `${count(turns.length)}`, turnHits ? `${count(turnHits)} asked ahead` : null],
            ["calls", count(calls.length), callHits ? `${count(callHits)} made ahead, ${percent(callHits, calls.length)}` : null],
            judged > 0 && ["guesses", `${count(right)} of ${count(judged)}`, "came true"],
            ["tokens", `${compact(input)} in, ${compact(output)} out`, speculation?.wastedTokens ? `${compact(speculation.wastedTokens)} in vain` : null],
            typeof completed?.cost === "number" && ["cost", completed.cost.toFixed(4), speculation?.extraCost ? `${speculation.extraCost.toFixed(4)} more for guesses` : null],
        ];
        const models = [...new Set((facts.roles ?? []).map((role) => role.model).filter(Boolean))].join(", ");
        fill(head,
            h("div", {},
                h("p", { class: "crumbs" }, h("a", { href: "/" }, "Runs"), h("span", { "aria-hidden": "true" }, "/"), h("code", {}, name),
                    h("span", { class: `chip ${stateKind(end)}` }, end === "running" ? "live" : end),
                    h("span", {}, [facts.agent, models, facts.mode && `mode ${facts.mode}`].filter(Boolean).join(" · ")),
                    h("span", { title: exactMoment(facts.began) }, exactMoment(facts.began))),
                h("h1", {}, facts.task?.trim() || "(no task)")),
            h("div", { class: "hero" }, hero(completed, model), settings.control && model.isLive && controls()),
            h("dl", { class: "facts" }, items.filter(Boolean).map(([title, value, more]) => h("div", {}, h("dt", {}, title), h("dd", {}, value, more && [" ", h("small", {}, more)])))),
            facts.damage && h("p", { class: "problem run-notes", role: "alert" }, `The log can be read up to ${facts.damage}`),
            model.notes.length > 0 && h("details", { class: "run-notes" }, h("summary", {}, plural(model.notes.length, "note")), model.notes.map((text) => h("p", {}, text))));
    }

    /** What can be asked of a run that goes on. */
    function controls() {
        const tell = async (event, path, body, words) => {
            const button = event.currentTarget;
            button.disabled = true;
            try {
                await ask(`/api/runs/${name}/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
                announce(words);
            } catch (error) {
                button.disabled = false;
                button.after(h("span", { class: "problem", role: "alert" }, error.message));
            }
        };
        const isOn = model.facts.speculates !== false;
        const cancel = h("button", { type: "button", class: "danger", onclick: (event) => {
            // Asked twice: what was cancelled does not go on by itself.
            if (cancel.dataset.sure) return tell(event, "cancel", {}, "The run is being cancelled");
            cancel.dataset.sure = "yes";
            fill(cancel, "Really cancel?");
            setTimeout(() => {
                delete cancel.dataset.sure;
                if (!cancel.disabled) fill(cancel, "Cancel run");
            }, 4000);
        } }, "Cancel run");
        return h("div", { class: "controls" },
            model.facts.mode !== "off" && h("button", { type: "button", "aria-pressed": String(isOn), onclick: (event) => tell(event, "speculation", { on: !isOn }, isOn ? "Speculation is being turned off" : "Speculation is being turned on") }, isOn ? "Turn speculation off" : "Turn speculation on"),
            cancel);
    }

    function tabulate(limit = 300) {
        const rows = (model.ordered ?? []).slice(0, limit).map((item) => {
            const { span } = item;
            const label = span.call ? callLine(span.call).slice(0, 160) : `Answer of turn ${span.turn + 1}`;
            return h("tr", {}, h("td", { class: "number" }, span.start.toFixed(2)),
                h("td", { class: "number" }, span.end === null ? "…" : seconds(span.end - span.start)),
                h("td", {}, h("button", { type: "button", onclick: () => {
                    timeline.select(item);
                    inspector.show(item);
                    inspector.node.focus();
                } }, label)),
                h("td", {}, span.ahead ? "ahead" : span.call ? "calls" : "actor"), h("td", {}, fateWords(span)),
                h("td", {}, item.branch ? item.branch.fate : ""));
        });
        fill(table, h("table", {}, h("caption", { class: "unseen" }, "Pieces of work by their beginning"),
            h("thead", {}, h("tr", {}, ["began, s", "took", "work", "lane", "what became of it", "branch"].map((text, index) => h("th", { scope: "col", class: index < 2 ? "number" : "" }, text)))),
            h("tbody", {}, rows)),
            (model.ordered?.length ?? 0) > limit && h("div", { class: "more" }, h("button", { type: "button", onclick: () => tabulate(limit + 1000) }, `Show more of ${count(model.ordered.length)}`)));
    }

    async function load() {
        try {
            const [facts, known] = await Promise.all([ask(`/api/runs/${name}`), ask("/api/settings").catch(() => settings)]);
            if (isOver) return;
            settings = known;
            take(facts, true);
            if (facts.live) follow();
        } catch (error) {
            fill(main, h("div", { class: "sheet" }, h("p", { class: "problem", role: "alert" }, error.status === 404 ? `There is no run ${name}.` : error.message), h("p", {}, h("a", { href: "/" }, "All runs"))));
        }
    }

    function follow() {
        stop = listen(`/api/runs/${name}/events`, {
            snapshot: (update) => take(update, true), change: (update) => take(update, false),
            end: () => announce("The run has ended"),
        });
    }

    load();
    return () => {
        isOver = true;
        stop?.();
        clearInterval(clock);
        timeline.close();
    };
}

/** The two times of a run as bars. */
function hero(completed, model) {
    const saved = completed?.speculation?.savedSeconds;
    if (saved === null || saved === undefined) {
        return h("p", { class: "verdict none" }, model.isLive ? "What it saves shows at the end" : "");
    }
    const took = completed.seconds;
    const whole = Math.max(took + saved, took, 0.001);
    const verdict = saved > 0.005 ? `${seconds(saved)} saved, ${percent(saved, took + saved)}` : "Nothing saved";
    const lane = (kind, title, value) => h("div", { class: `lane ${kind}` }, h("span", {}, title), h("i", { style: { width: `${(value / whole) * 100}%` }, "aria-hidden": "true" }), h("b", {}, seconds(value)));
    return h("div", { title: "Estimated on the critical path" }, h("p", { class: saved > 0.005 ? "verdict" : "verdict none" }, verdict),
        lane("", "in turn", Math.max(0, took + saved)), lane("fast", "Forerun", took));
}
