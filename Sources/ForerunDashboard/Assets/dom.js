// Elements are made of nodes and text, never of markup: whatever a tool or a model wrote is shown as text.

/** An element: `h("p", {class: "dim", onclick}, "text", child)`. Properties that are null or false are left out. */
export function h(tag, properties = {}, ...children) {
    const node = document.createElement(tag);
    set(node, properties);
    append(node, children);
    return node;
}

/** The same for SVG. */
export function s(tag, properties = {}, ...children) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    set(node, properties);
    append(node, children);
    return node;
}

function set(node, properties) {
    for (const [name, value] of Object.entries(properties)) {
        if (value === null || value === undefined || value === false) continue;
        if (name.startsWith("on")) {
            node.addEventListener(name.slice(2), value);
        } else if (name === "style") {
            for (const [key, text] of Object.entries(value)) node.style.setProperty(key, text);
        } else {
            node.setAttribute(name, value === true ? "" : String(value));
        }
    }
}

function append(node, children) {
    for (const child of children.flat(Infinity)) {
        if (child === null || child === undefined || child === false) continue;
        node.append(child instanceof Node ? child : document.createTextNode(visible(child)));
    }
}

/** Replaces what a node holds. */
export function fill(node, ...children) {
    node.replaceChildren();
    append(node, children);
    return node;
}

const hidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;

/** Text in which nothing hides: controls get their pictures, marks that turn the direction of text are made visible. */
export function visible(text) {
    return String(text).replace(/\r\n?/g, "\n").replace(hidden, (mark) => {
        const code = mark.charCodeAt(0);
        return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\ufffd";
    });
}

/** Tells those who do not look. */
export function announce(text) {
    const node = document.getElementById("announcer");
    if (node.textContent !== text) node.textContent = text;
}

/** Asks the server. Throws an error whose message says what to do. */
export async function ask(path, options = {}) {
    let response;
    try {
        response = await fetch(path, { credentials: "same-origin", ...options });
    } catch (error) {
        if (error.name === "AbortError") throw error;
        throw new Error("The dashboard does not answer. Is forerun serve still running?");
    }
    let body = null;
    try {
        body = await response.json();
    } catch {
        // An error that has no JSON is told by its number.
    }
    if (!response.ok) {
        const failure = body?.error;
        const error = new Error([failure?.message ?? `The dashboard answers ${response.status}.`, failure?.remedy].filter(Boolean).join(" "));
        error.status = response.status;
        throw error;
    }
    return body;
}

/**
 * Listens to server-sent events while the page is looked at; connections are few.
 *
 * @param handlers functions by the name of the event; `end` ends it.
 * @returns a function that stops it.
 */
export function listen(path, handlers) {
    let source = null;
    let isOver = false;
    const note = document.getElementById("connection");
    const say = (text) => {
        note.textContent = text;
        note.hidden = !text;
    };
    const close = () => {
        source?.close();
        source = null;
    };
    const open = () => {
        if (isOver || source || document.hidden) return;
        source = new EventSource(path);
        source.onopen = () => say("");
        source.onerror = () => {
            say("Connection lost, trying again");
            // Browsers try again by themselves, unless the answer was an error.
            if (source?.readyState === EventSource.CLOSED) {
                close();
                if (!isOver) setTimeout(open, 3000);
            }
        };
        for (const [name, handle] of Object.entries(handlers)) {
            source.addEventListener(name, (event) => {
                if (name === "end") {
                    isOver = true;
                    close();
                }
                handle(JSON.parse(event.data));
            });
        }
    };
    const look = () => (document.hidden ? close() : open());
    document.addEventListener("visibilitychange", look);
    open();
    return () => {
        isOver = true;
        close();
        say("");
        document.removeEventListener("visibilitychange", look);
    };
}
