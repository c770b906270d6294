// A run as the server tells it: everything first, then what has changed. What follows from it for drawing is worked out here.

import { callKey } from "./format.js";

/** Lanes that are always there; those that run ahead come after them. */
export const actorLane = 0;
export const callLane = 1;

export class RunModel {
    constructor() {
        this.reset();
    }

    reset() {
        this.facts = {};
        this.spans = [];
        this.branches = [];
        this.guesses = [];
        this.turns = [];
        this.messages = [];
        this.notes = [];
        this.isLive = false;
        this.heardAt = performance.now();
        this.items = [];
        /** Rows of work that ran ahead, each sorted by its beginning. */
        this.rows = [];
        this.places = new Map();
        this.branchOf = new Map();
        this.guessesOf = new Map();
    }

    /** Takes what the server told. @returns what has changed: a set of names. */
    take(update, isWhole) {
        if (isWhole) this.reset();
        const news = new Set();
        for (const [name, value] of Object.entries(update)) {
            if (["spans", "branches", "guesses", "turns"].includes(name)) {
                this[name].length = Math.min(this[name].length, value.count);
                value.at.forEach((place, index) => (this[name][place] = value.items[index]));
                news.add(name);
                if (name === "turns") this.changedTurns = new Set(value.at);
            } else if (name === "messages" || name === "notes") {
                this[name] = value;
                news.add(name);
            } else if (name === "live") {
                if (this.isLive !== value) news.add("facts");
                this.isLive = value;
            } else if (JSON.stringify(this.facts[name]) !== JSON.stringify(value)) {
                this.facts[name] = value;
                if (name !== "now") news.add("facts");
            }
        }
        this.heardAt = performance.now();
        if (isWhole) for (const name of ["spans", "branches", "guesses", "turns", "messages", "notes", "facts"]) news.add(name);
        if (news.has("spans") || news.has("branches")) this.arrange();
        if (news.has("guesses")) this.sortGuesses();
        return news;
    }

    /** The last moment that is known of; of a run that goes on, what the clock says. */
    get now() {
        const known = this.facts.now ?? 0;
        return this.isLive ? known + (performance.now() - this.heardAt) / 1000 : known;
    }

    endOf(item) {
        return item.end ?? this.now;
    }

    /** The guesses about a turn, the most probable first. */
    guessesAbout(turn) {
        return this.guessesOf.get(turn) ?? [];
    }

    /** The guesses that made a piece of work begin: those about any turn that hold its call. */
    guessesFor(span) {
        if (!span.call) return [];
        const key = callKey(span.call);
        return this.guesses.filter((guess) => guess.time <= span.start + 0.001 && guess.calls.some((call) => callKey(call) === key))
            .slice(-6).reverse();
    }

    turnAt(time) {
        return this.turns.findIndex((turn) => turn.time !== null && turn.time >= time);
    }

    /** When the result of work that was done ahead counted. */
    takenAt(span) {
        const turn = span.call ? this.turns.find((turn) => turn.time !== null && turn.time >= span.end) : this.turns[span.turn];
        return turn?.time ?? span.end ?? span.start;
    }

    sortGuesses() {
        this.guessesOf = new Map();
        for (const guess of this.guesses) {
            if (!this.guessesOf.has(guess.turn)) this.guessesOf.set(guess.turn, []);
            this.guessesOf.get(guess.turn).push(guess);
        }
        for (const list of this.guessesOf.values()) list.sort((left, right) => right.probability - left.probability);
    }

    /**
     * Puts work onto lanes. What is ahead keeps the row that it once got, so that nothing jumps while a run goes on; each new item
     * takes the first row that is free as it begins.
     */
    arrange() {
        this.branchOf = new Map(this.branches.map((branch) => [branch.work, branch]));
        const places = this.places;
        const rows = this.rows.map(() => []);
        const lanes = [[], []];
        const fresh = [];
        this.items = this.spans.map((span) => {
            const branch = this.branchOf.get(span.work);
            const item = { span, branch, start: span.start, end: span.end, row: -1 };
            // As long as its branch lives, a row is taken.
            if (branch && span.ahead) item.end = branch.end === null || span.end === null ? null : Math.max(span.end, branch.end);
            if (!span.ahead) {
                lanes[span.call ? callLane : actorLane].push(item);
            } else {
                const row = places.get(span.work);
                if (row === undefined) fresh.push(item);
                else {
                    item.row = row;
                    rows[row].push(item);
                }
                // From where it counts for the run, it is on the actor's lane as well.
                if (span.promoted !== null || span.fate === "used") {
                    const start = span.promoted ?? this.takenAt(span);
                    lanes[span.call ? callLane : actorLane].push({ ...item, start, end: span.end === null ? null : Math.max(start, span.end), isHit: true });
                }
            }
            return item;
        });
        fresh.sort((left, right) => left.start - right.start);
        const ends = rows.map((row) => Math.max(-1, ...row.map((item) => item.end ?? Infinity)));
        for (const item of fresh) {
            let row = ends.findIndex((end) => end <= item.start);
            if (row < 0) {
                row = ends.length;
                ends.push(0);
                rows.push([]);
            }
            item.row = row;
            places.set(item.span.work, row);
            rows[row].push(item);
            ends[row] = Math.max(ends[row], item.end ?? Infinity);
        }
        for (const list of [...rows, ...lanes]) list.sort((left, right) => left.start - right.start);
        this.rows = rows;
        this.lanes = lanes;
        this.byWork = new Map(this.items.map((item) => [item.span.work, item]));
        this.ordered = [...this.items].sort((left, right) => left.start - right.start || left.span.work - right.span.work);
    }
}
