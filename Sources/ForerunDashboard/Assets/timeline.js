// The timeline of a run, on a canvas: only what is in view is drawn, however long the run is.

import { h } from "./dom.js";
import { callLine, fateWords, plural, seconds } from "./format.js";
import { actorLane, callLane } from "./model.js";

const gutter = 58;
const overviewHeight = 30;
const axisHeight = 22;
const rowHeight = 24;
const barHeight = 18;
const tokenHeight = 40;
const shortest = 0.002;

export class Timeline {
    /** @param onSelect called with a piece of work, or null. */
    constructor(model, onSelect) {
        this.model = model;
        this.onSelect = onSelect;
        this.selected = null;
        this.hovered = null;
        this.scroll = 0;
        /** What is in view, in seconds; null: all of it, also as it grows. */
        this.view = null;
        this.frame = null;
        this.pointers = new Map();
        this.canvas = h("canvas", {
            tabindex: "0", role: "application", "aria-roledescription": "timeline", "aria-label": "Timeline",
            "aria-describedby": "timeline-keys",
        });
        this.tip = h("div", { class: "tip", "aria-hidden": "true", hidden: true });
        this.box = h("div", { class: "canvas-box" }, this.canvas, this.tip,
            h("p", { id: "timeline-keys", class: "unseen" },
                "Left and right move, plus and minus zoom, Home and End go to the ends, 0 shows all, up and down scroll lanes, "
                + "n and p go to the next and previous piece of work, Escape lets go. The button Table shows the same as a table."));
        this.context = this.canvas.getContext("2d");
        this.readColours();
        this.observer = new ResizeObserver(() => this.draw());
        this.observer.observe(this.box);
        this.onTheme = () => {
            this.readColours();
            this.draw();
        };
        addEventListener("themechange", this.onTheme);
        this.scheme = matchMedia("(prefers-color-scheme: dark)");
        this.scheme.addEventListener("change", this.onTheme);
        this.canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
        this.canvas.addEventListener("pointerdown", (event) => this.press(event));
        this.canvas.addEventListener("pointermove", (event) => this.move(event));
        for (const name of ["pointerup", "pointercancel"]) this.canvas.addEventListener(name, (event) => this.release(event));
        this.canvas.addEventListener("pointerleave", () => this.hover(null));
        this.canvas.addEventListener("dblclick", () => this.fit());
        this.canvas.addEventListener("keydown", (event) => this.key(event));
    }

    close() {
        this.observer.disconnect();
        removeEventListener("themechange", this.onTheme);
        this.scheme.removeEventListener("change", this.onTheme);
        cancelAnimationFrame(this.frame);
        clearTimeout(this.tick);
        this.isClosed = true;
    }

    /** The model has changed. */
    update() {
        const { lanes, rows, turns } = this.model;
        const ahead = rows.reduce((sum, row) => sum + row.length, 0);
        this.canvas.setAttribute("aria-label",
            `Timeline of ${seconds(this.model.now)}: ${plural(turns.length, "turn")}, ${plural(lanes?.[callLane].length ?? 0, "call")}, `
            + `${plural(ahead, "piece")} of work ahead in ${plural(rows.length, "lane")}.`);
        this.draw();
    }

    // What is in view.

    get length() {
        return Math.max(this.model.now, 0.05) * 1.01;
    }

    get from() {
        return this.view ? this.view.from : 0;
    }

    get to() {
        return this.view ? this.view.to : this.length;
    }

    get width() {
        return Math.max(10, this.box.clientWidth - gutter - 8);
    }

    x(time) {
        return gutter + ((time - this.from) / (this.to - this.from)) * this.width;
    }

    time(x) {
        return this.from + ((x - gutter) / this.width) * (this.to - this.from);
    }

    show(from, to) {
        const length = this.length;
        let span = Math.min(Math.max(to - from, shortest), length);
        if (span >= length * 0.999) {
            this.view = null;
        } else {
            const start = Math.min(Math.max(0, from), length - span);
            this.view = { from: start, to: start + span };
        }
        this.draw();
    }

    zoom(factor, x = gutter + this.width / 2) {
        const time = this.time(x);
        this.show(time - (time - this.from) * factor, time + (this.to - time) * factor);
    }

    pan(share) {
        const by = (this.to - this.from) * share;
        const from = Math.min(Math.max(0, this.from + by), this.length - (this.to - this.from));
        this.show(from, from + (this.to - this.from));
    }

    fit() {
        this.view = null;
        this.scroll = 0;
        this.draw();
    }

    /** Brings a stretch into view, with some room around it. */
    reveal(start, end) {
        const span = Math.max((end - start) * 3, (this.length / 200));
        if (start >= this.from && end <= this.to && (end - start) / (this.to - this.from) > 0.02) return this.draw();
        const middle = (start + end) / 2;
        this.show(middle - span / 2, middle + span / 2);
    }

    select(item, isRevealed = true) {
        this.selected = item?.span.work ?? null;
        if (item && isRevealed) {
            this.reveal(item.start, this.model.endOf(item));
            if (item.row >= 0) this.scrollTo(item.row);
        }
        this.draw();
    }

    get lanesTop() {
        return overviewHeight + axisHeight + 2 * rowHeight + 6;
    }

    get lanesBottom() {
        return this.box.clientHeight - tokenHeight - 6;
    }

    get mostScroll() {
        return Math.max(0, this.model.rows.length * rowHeight - (this.lanesBottom - this.lanesTop));
    }

    scrollTo(row) {
        const top = row * rowHeight;
        const height = this.lanesBottom - this.lanesTop;
        if (top < this.scroll) this.scroll = top;
        if (top + rowHeight > this.scroll + height) this.scroll = top + rowHeight - height;
        this.scroll = Math.min(Math.max(0, this.scroll), this.mostScroll);
    }

    // Pointers and keys.

    wheel(event) {
        event.preventDefault();
        const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 200 : 1;
        const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
        if (event.altKey) {
            this.scroll = Math.min(Math.max(0, this.scroll + dy), this.mostScroll);
            this.draw();
        } else if (Math.abs(dx) > Math.abs(dy) || event.shiftKey) {
            this.pan((dx || dy) / this.width);
        } else {
            this.zoom(Math.exp(Math.min(Math.max(dy, -300), 300) * 0.0022), event.offsetX);
        }
    }

    press(event) {
        if (event.button !== 0) return;
        this.canvas.setPointerCapture(event.pointerId);
        this.pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
        this.start = { x: event.offsetX, y: event.offsetY, isMoved: false, isOverview: event.offsetY < overviewHeight && event.offsetX > gutter };
        if (this.start.isOverview) this.centre(event.offsetX);
    }

    /** Moves what is in view to a place of the overview. */
    centre(x) {
        const middle = ((x - gutter) / this.width) * this.length;
        const span = this.to - this.from;
        this.show(middle - span / 2, middle + span / 2);
    }

    move(event) {
        const last = this.pointers.get(event.pointerId);
        if (!last) return this.hover(this.hit(event.offsetX, event.offsetY), event.offsetX, event.offsetY);
        const now = { x: event.offsetX, y: event.offsetY };
        if (this.pointers.size === 2) {
            const other = [...this.pointers].find(([id]) => id !== event.pointerId)[1];
            const before = Math.max(10, Math.abs(last.x - other.x));
            const after = Math.max(10, Math.abs(now.x - other.x));
            this.zoom(before / after, (now.x + other.x) / 2);
        } else if (this.start.isOverview) {
            this.centre(now.x);
        } else {
            if (Math.hypot(now.x - this.start.x, now.y - this.start.y) > 4) this.start.isMoved = true;
            if (this.start.isMoved) {
                this.scroll = Math.min(Math.max(0, this.scroll - (now.y - last.y)), this.mostScroll);
                this.pan((last.x - now.x) / this.width);
                this.hover(null);
            }
        }
        this.pointers.set(event.pointerId, now);
    }

    release(event) {
        const isClick = this.pointers.delete(event.pointerId) && event.type === "pointerup" && !this.start.isMoved && !this.start.isOverview;
        if (!isClick) return;
        const item = this.hit(event.offsetX, event.offsetY);
        this.select(item, false);
        this.onSelect(item);
    }

    key(event) {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const steps = {
            ArrowLeft: () => this.pan(-0.12), ArrowRight: () => this.pan(0.12), "+": () => this.zoom(0.7), "=": () => this.zoom(0.7),
            "-": () => this.zoom(1 / 0.7), "0": () => this.fit(),
            Home: () => this.show(0, this.to - this.from), End: () => this.show(this.length - (this.to - this.from), this.length),
            ArrowUp: () => this.scrollBy(-rowHeight), ArrowDown: () => this.scrollBy(rowHeight),
            PageUp: () => this.scrollBy(rowHeight - (this.lanesBottom - this.lanesTop)),
            PageDown: () => this.scrollBy(this.lanesBottom - this.lanesTop - rowHeight),
            n: () => this.step(1), p: () => this.step(-1),
            Escape: () => {
                this.select(null);
                this.onSelect(null);
            },
        };
        const step = steps[event.key];
        if (!step) return;
        event.preventDefault();
        step();
    }

    scrollBy(by) {
        this.scroll = Math.min(Math.max(0, this.scroll + by), this.mostScroll);
        this.draw();
    }

    /** Goes to the next or previous piece of work. */
    step(by) {
        const { ordered, byWork } = this.model;
        if (!ordered?.length) return;
        const here = this.selected === null ? -1 : ordered.indexOf(byWork.get(this.selected));
        const next = here < 0 ? (by > 0 ? ordered.find((item) => item.start >= this.from) ?? ordered[0] : ordered.at(-1))
            : ordered[Math.min(Math.max(0, here + by), ordered.length - 1)];
        this.select(next);
        this.onSelect(next);
    }

    /** The piece of work at a place of the canvas. */
    hit(x, y) {
        if (x < gutter || !this.model.lanes) return null;
        let list = null;
        const top = overviewHeight + axisHeight;
        if (y >= top && y < top + rowHeight) list = this.model.lanes[actorLane];
        else if (y >= top + rowHeight && y < top + 2 * rowHeight) list = this.model.lanes[callLane];
        else if (y >= this.lanesTop && y < this.lanesBottom) list = this.model.rows[Math.floor((y - this.lanesTop + this.scroll) / rowHeight)];
        if (!list) return null;
        const time = this.time(x);
        const slack = (this.to - this.from) / this.width * 3;
        let best = null;
        let distance = Infinity;
        for (let index = firstFrom(list, time + slack) - 1; index >= 0 && index > -1; index -= 1) {
            const item = list[index];
            const away = Math.max(0, time - this.model.endOf(item));
            if (away <= slack && away < distance) {
                best = item;
                distance = away;
            }
            if (list.length - index > 400 && best) break;
            if (time - item.start > (this.to - this.from) && best) break;
        }
        return best ? this.model.byWork.get(best.span.work) : null;
    }

    hover(item, x = 0, y = 0) {
        this.canvas.style.cursor = item ? "pointer" : "default";
        if (this.hovered !== (item?.span.work ?? null)) {
            this.hovered = item?.span.work ?? null;
            this.draw();
        }
        this.tip.hidden = !item;
        if (!item) return;
        const { span } = item;
        this.tip.replaceChildren(
            h("b", {}, span.call ? callLine(span.call).slice(0, 160) : `Answer of turn ${span.turn + 1}`), h("br"),
            `${fateWords(span)} · ${seconds(this.model.endOf(span) - span.start)} from ${seconds(span.start)}`);
        const width = this.tip.offsetWidth;
        const left = Math.min(Math.max(4, x + 12), this.box.clientWidth - width - 4);
        const height = this.tip.offsetHeight;
        const up = y + 18 + height > this.box.clientHeight ? y - height - 8 : y + 18;
        this.tip.style.transform = `translate(${left}px, ${up}px)`;
    }

    // Drawing.

    readColours() {
        const probe = h("span", { hidden: true });
        document.body.append(probe);
        this.colours = {};
        for (const name of ["page", "panel", "raised", "line", "line-strong", "text", "dim", "faint", "actor", "call", "ahead", "unused", "unused-text", "cancelled", "open", "open-soft", "bad", "tokens", "on-ink", "accent", "accent-soft", "focus"]) {
            probe.style.color = `var(--${name})`;
            this.colours[name] = getComputedStyle(probe).color;
        }
        probe.remove();
        const style = getComputedStyle(document.documentElement);
        this.font = `11px ${style.getPropertyValue("--sans")}`;
        this.context.font = this.font;
        const sample = "turn 12 run_command make test";
        this.characterWidth = this.context.measureText(sample).width / sample.length;
    }

    /** Draws before the next frame. */
    draw() {
        if (this.frame !== null || this.isClosed) return;
        this.frame = requestAnimationFrame(() => {
            this.frame = null;
            this.paint();
            if (!this.model.isLive || this.tick) return;
            // Time goes on without news; calm where motion is unwanted.
            const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
            this.tick = setTimeout(() => {
                this.tick = null;
                this.draw();
            }, calm ? 1000 : 50);
        });
    }

    paint() {
        const { box, canvas, context, colours } = this;
        const [width, height] = [box.clientWidth, box.clientHeight];
        if (width === 0 || height === 0) return;
        const scale = devicePixelRatio || 1;
        if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
            canvas.width = Math.round(width * scale);
            canvas.height = Math.round(height * scale);
        }
        context.setTransform(scale, 0, 0, scale, 0, 0);
        context.fillStyle = colours.panel;
        context.fillRect(0, 0, width, height);
        context.font = this.font;
        context.textBaseline = "middle";
        context.lineWidth = 1;
        const model = this.model;
        if (!model.lanes) return;
        this.scroll = Math.min(this.scroll, this.mostScroll);
        this.now = model.now;
        this.paintGrid(width, height);

        const top = overviewHeight + axisHeight;
        context.save();
        context.beginPath();
        context.rect(gutter, overviewHeight, width - gutter, height - overviewHeight);
        context.clip();
        this.paintRow(model.lanes[actorLane], top);
        this.paintRow(model.lanes[callLane], top + rowHeight);
        context.beginPath();
        context.rect(gutter, this.lanesTop, width - gutter, this.lanesBottom - this.lanesTop);
        context.clip();
        const first = Math.max(0, Math.floor(this.scroll / rowHeight));
        const last = Math.min(model.rows.length, Math.ceil((this.scroll + this.lanesBottom - this.lanesTop) / rowHeight));
        this.paintForks(first, last);
        for (let row = first; row < last; row += 1) this.paintRow(model.rows[row], this.rowTop(row));
        context.restore();

        this.paintTokens(width, height);
        this.paintNames(height);
        this.paintOverview();
        if (this.mostScroll > 0) this.paintScrollBar(width);
    }

    rowTop(row) {
        return this.lanesTop + row * rowHeight - this.scroll;
    }

    paintGrid(width, height) {
        const { context, colours } = this;
        const step = niceStep((this.to - this.from) / Math.max(2, this.width / 90));
        context.strokeStyle = colours.line;
        context.fillStyle = colours.faint;
        context.textAlign = "left";
        context.beginPath();
        for (let time = Math.ceil(this.from / step) * step; time <= this.to; time += step) {
            const x = Math.round(this.x(time)) + 0.5;
            context.moveTo(x, overviewHeight + 6);
            context.lineTo(x, height);
            context.fillText(tickLabel(time, step), x + 4, overviewHeight + axisHeight / 2 + 1);
        }
        context.stroke();
        // Where the run was gone on with.
        context.strokeStyle = colours.text;
        for (const time of this.model.facts.resumed ?? []) {
            const x = Math.round(this.x(time)) + 0.5;
            if (x < gutter) continue;
            context.setLineDash([3, 3]);
            line(context, x, overviewHeight, x, height);
            context.setLineDash([]);
        }
        if (this.model.isLive) {
            const x = this.x(this.now);
            if (x >= gutter && x <= width) {
                context.strokeStyle = colours.open;
                line(context, x, overviewHeight + 6, x, height);
            }
        }
    }

    paintRow(list, top) {
        const from = this.from;
        const to = this.to;
        // What began long before may reach into view: rows do not overlap, lanes may, a little.
        let index = Math.max(0, firstFrom(list, from) - 24);
        let covered = -1;
        let cover = "";
        const instants = [];
        for (; index < list.length; index += 1) {
            const item = list[index];
            if (item.start > to) break;
            const end = item.end ?? this.now;
            if (end < from) continue;
            const left = this.x(item.start);
            const right = this.x(end);
            const kind = kindOf(item);
            if (item.isHit && end <= item.start) {
                instants.push(left);
                continue;
            }
            // Many within one pixel look like one.
            if (right <= covered + 0.75 && kind === cover && item.span.work !== this.selected) continue;
            this.paintItem(item, kind, left, right, top);
            covered = right;
            cover = kind;
        }
        // Answers and outputs that were there already when they were wanted.
        const { context, colours } = this;
        let last = -10;
        for (const x of instants) {
            if (x - last < 3) continue;
            last = x;
            context.fillStyle = colours.ahead;
            context.strokeStyle = colours.panel;
            context.lineWidth = 1.5;
            context.beginPath();
            context.arc(x, top + rowHeight / 2, 3.5, 0, 7);
            context.fill();
            context.stroke();
            context.lineWidth = 1;
        }
    }

    paintItem(item, kind, left, right, top) {
        const { context, colours } = this;
        const { span, branch } = item;
        const y = top + (rowHeight - barHeight) / 2;
        const edge = gutter - 4;
        const isOwnRow = item.row >= 0 && !item.isHit;
        const barEnd = isOwnRow ? this.x(span.end ?? this.now) : right;
        const x = Math.max(left, edge);
        // A hair between what follows at once.
        const width = Math.max(Math.min(barEnd, gutter + this.width + 12) - x - 1, 2);
        if (branch && isOwnRow) this.paintTail(branch, x, barEnd, top + rowHeight / 2, kind);
        if (barEnd >= edge) {
            const isFaint = kind === "cancelled";
            context.fillStyle = isFaint ? colours.panel : colours[{ actor: "actor", call: "call", ahead: "ahead", unused: "unused", open: "open" }[kind] ?? "unused"];
            if (width < 5) {
                // Where corners cannot be seen, a rectangle is much quicker.
                if (isFaint) context.fillStyle = colours.cancelled;
                context.fillRect(x, y, width, barHeight);
            } else {
                rounded(context, x, y, width, barHeight, 3.5);
                context.fill();
                if (isFaint) {
                    context.strokeStyle = colours.cancelled;
                    context.setLineDash([3, 2]);
                    rounded(context, x + 0.5, y + 0.5, width - 1, barHeight - 1, 3.5);
                    context.stroke();
                    context.setLineDash([]);
                }
            }
            if (!span.call && width > 8 && !item.isHit && isOwnRow) {
                // Answers bear a mark, calls do not.
                context.fillStyle = isFaint ? colours.cancelled : colours[kind === "unused" ? "line-strong" : "panel"];
                context.globalAlpha = 0.75;
                context.fillRect(x + 3, y + 4, 2, barHeight - 8);
                context.globalAlpha = 1;
            }
            if (span.error && width > 5) {
                context.fillStyle = colours.bad;
                rounded(context, x, y + barHeight - 3, width, 3, 1.5);
                context.fill();
            }
            const room = Math.floor((width - 12) / this.characterWidth);
            if (room >= 3 || !span.call && room >= 1) {
                const text = span.call ? (room > span.call.name.length + 4 ? callLine(span.call) : span.call.name)
                    : room >= 7 ? `turn ${span.turn + 1}` : `${span.turn + 1}`;
                context.fillStyle = kind === "unused" ? colours["unused-text"] : kind === "cancelled" ? colours.dim : colours["on-ink"];
                context.textAlign = "left";
                const shown = text.length > room ? `${text.slice(0, room - 1)}…` : text;
                context.fillText(shown.replace(/\s+/g, " "), x + (span.call || !isOwnRow ? 6 : 9), y + barHeight / 2 + 0.5);
            }
        }
        if (span.work === this.selected || span.work === this.hovered) {
            context.strokeStyle = span.work === this.selected ? colours.focus : colours.text;
            context.lineWidth = span.work === this.selected ? 2 : 1;
            rounded(context, x - 1.5, y - 1.5, width + 3, barHeight + 3, 5);
            context.stroke();
            context.lineWidth = 1;
        }
    }

    /** A branch lives on after its work, until it is committed or discarded. */
    paintTail(branch, start, from, middle, kind) {
        const { context, colours } = this;
        const end = this.x(branch.end ?? this.now);
        const x = Math.max(from, gutter - 4);
        const isCommitted = branch.fate === "committed";
        const colour = isCommitted ? colours.ahead : branch.fate === "open" ? colours.open : colours.cancelled;
        if (end - x > 1) {
            context.strokeStyle = colour;
            context.lineWidth = isCommitted || kind === "open" ? 2 : 1;
            line(context, x, middle, Math.min(end, gutter + this.width + 12), middle);
            context.lineWidth = 1;
        }
        if (branch.fate === "open" || end < gutter || end - start < 7) return;
        if (isCommitted) {
            context.fillStyle = colours.ahead;
            context.beginPath();
            context.arc(end, middle, 3.5, 0, 7);
            context.fill();
        } else {
            context.strokeStyle = colours.faint;
            line(context, end - 2.5, middle - 2.5, end + 2.5, middle + 2.5);
            line(context, end - 2.5, middle + 2.5, end + 2.5, middle - 2.5);
        }
    }

    /** Lines from where a branch was forked to what it was forked from. */
    paintForks(first, last) {
        const { context, colours } = this;
        context.strokeStyle = colours.line;
        context.beginPath();
        for (let row = first; row < last; row += 1) {
            const list = this.model.rows[row];
            let drawn = -10;
            for (let index = firstFrom(list, this.from); index < list.length && list[index].start <= this.to; index += 1) {
                const item = list[index];
                if (!item.branch) continue;
                const x = Math.round(this.x(item.branch.start)) + 0.5;
                if (x - drawn < 6) continue;
                drawn = x;
                const parent = this.model.byWork.get(item.branch.from);
                const y = this.rowTop(row) + rowHeight / 2;
                const origin = parent && parent.row >= 0 ? this.rowTop(parent.row) + rowHeight / 2 : this.lanesTop - 6;
                context.moveTo(x, y);
                context.lineTo(x, origin);
            }
        }
        context.stroke();
    }

    paintTokens(width, height) {
        const { context, colours, model } = this;
        const bottom = height - 4;
        context.strokeStyle = colours.line;
        line(context, 0, this.lanesBottom + 2.5, width, this.lanesBottom + 2.5);
        const most = Math.max(1, ...model.turns.map((turn) => turn.usage?.output ?? 0));
        context.fillStyle = colours.tokens;
        let last = 0;
        let covered = -1;
        for (const turn of model.turns) {
            const end = turn.time ?? last;
            const start = last;
            last = end;
            if (end < this.from || start > this.to) continue;
            const left = Math.max(gutter, this.x(start) + 1);
            const right = Math.min(width, this.x(end));
            if (right <= covered) continue;
            const size = ((turn.usage?.output ?? 0) / most) * (tokenHeight - 12);
            context.fillRect(left, bottom - size, Math.max(1, right - left), size);
            covered = right;
            if (right - left > 34) {
                context.fillStyle = colours.dim;
                context.textAlign = "left";
                context.fillText(String(turn.usage?.output ?? 0), left + 2, Math.max(bottom - size - 6, this.lanesBottom + 10));
                context.fillStyle = colours.tokens;
            }
        }
    }

    paintNames(height) {
        const { context, colours } = this;
        context.fillStyle = colours.panel;
        context.fillRect(0, overviewHeight, gutter - 4, height - overviewHeight);
        context.fillStyle = colours.dim;
        context.textAlign = "left";
        const top = overviewHeight + axisHeight;
        context.fillText("actor", 12, top + rowHeight / 2);
        context.fillText("calls", 12, top + rowHeight * 1.5);
        if (this.model.rows.length) context.fillText("ahead", 12, this.lanesTop + rowHeight / 2);
        context.fillText("tokens", 12, height - tokenHeight / 2 - 2);
        context.strokeStyle = colours.line;
        line(context, 0, this.lanesTop - 3.5, this.box.clientWidth, this.lanesTop - 3.5);
    }

    /** All of the run, with a frame around what is in view. */
    paintOverview() {
        const { context, colours, model } = this;
        const scale = this.width / this.length;
        const key = `${this.width} ${model.items.length} ${model.facts.now} ${colours.panel} ${model.isLive}`;
        context.fillStyle = colours.raised;
        context.fillRect(0, 0, this.box.clientWidth, overviewHeight);
        if (key !== this.overviewKey || model.isLive) {
            this.overviewKey = key;
            this.overview = model.items.map((item) => {
                const top = item.row < 0 ? 5 : 11 + Math.min(item.row, 5) * 2.6;
                return [item.start, item.end ?? this.now, top, kindOf(item)];
            });
            this.strips = null;
        }
        this.strips ??= strips(this.overview, scale);
        for (const [kind, list] of this.strips) {
            context.fillStyle = colours[{ actor: "actor", call: "call", ahead: "ahead", unused: "cancelled", cancelled: "cancelled", open: "open" }[kind]];
            for (const [x, width, top] of list) context.fillRect(gutter + x, top, width, top < 8 ? 4 : 1.8);
        }
        const left = gutter + this.from * scale;
        const right = gutter + Math.min(this.to * scale, this.width);
        if (this.view) {
            context.fillStyle = colours.panel;
            context.globalAlpha = 0.62;
            context.fillRect(gutter, 0, left - gutter, overviewHeight);
            context.fillRect(right, 0, gutter + this.width - right + 8, overviewHeight);
            context.globalAlpha = 1;
            context.strokeStyle = colours.faint;
            rounded(context, left + 0.5, 1.5, Math.max(4, right - left - 1), overviewHeight - 3, 3);
            context.stroke();
        }
        context.strokeStyle = colours.line;
        line(context, 0, overviewHeight - 0.5, this.box.clientWidth, overviewHeight - 0.5);
    }

    paintScrollBar(width) {
        const { context, colours } = this;
        const height = this.lanesBottom - this.lanesTop;
        const share = height / (height + this.mostScroll);
        context.fillStyle = colours["line-strong"];
        rounded(context, width - 6, this.lanesTop + (this.scroll / (height + this.mostScroll)) * height, 4, Math.max(16, share * height), 2);
        context.fill();
    }
}

/** What an item looks like. */
function kindOf(item) {
    const { span } = item;
    if (span.end === null && (span.ahead ? span.promoted === null : true)) return span.ahead ? "open" : span.call ? "call" : "actor";
    if (item.isHit) return "ahead";
    if (!span.ahead) return span.fate === "cancelled" ? "cancelled" : span.call ? "call" : "actor";
    if (span.fate === "used" || span.promoted !== null && span.fate !== "cancelled") return "ahead";
    return span.fate === "unused" ? "unused" : "cancelled";
}

/** The place of the first item that begins at a time, or later. */
function firstFrom(list, time) {
    let low = 0;
    let high = list.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (list[middle].start < time) low = middle + 1;
        else high = middle;
    }
    return low;
}

/** Stretches of an overview, joined where they touch: by kind, lists of place, width and top. */
function strips(items, scale) {
    const open = new Map();
    const result = new Map();
    for (const [start, end, top, kind] of items) {
        const x = start * scale;
        const width = Math.max(1, (end - start) * scale);
        const key = `${kind} ${top}`;
        const last = open.get(key);
        if (last && x <= last[0] + last[1] + 0.5) {
            last[1] = Math.max(last[1], x + width - last[0]);
            continue;
        }
        const strip = [x, width, top];
        open.set(key, strip);
        if (!result.has(kind)) result.set(kind, []);
        result.get(kind).push(strip);
    }
    return result;
}

function rounded(context, x, y, width, height, radius) {
    context.beginPath();
    context.roundRect(x, y, Math.max(0, width), height, Math.min(radius, Math.max(0, width) / 2));
}

function line(context, x, y, toX, toY) {
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(toX, toY);
    context.stroke();
}

function niceStep(least) {
    const power = 10 ** Math.floor(Math.log10(least));
    for (const factor of [1, 2, 5, 10]) if (factor * power >= least) return factor * power;
    return 10 * power;
}

function tickLabel(time, step) {
    if (step >= 60) return `${Math.floor(time / 60)}:${String(Math.round(time % 60)).padStart(2, "0")}`;
    if (step < 1) return `${time.toFixed(Math.max(1, Math.ceil(-Math.log10(step) - 1e-9)))} s`;
    return `${Math.round(time)} s`;
}
