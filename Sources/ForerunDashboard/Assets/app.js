// Which page is shown, the theme, and links between pages without loading anew.

import { announce, fill, h } from "./dom.js";
import * as insights from "./insights.js";
import * as list from "./list.js";
import * as patterns from "./patterns.js";
import * as run from "./run.js";

const main = document.getElementById("main");
let leave = null;

/** @returns the page of a path: its title, and what shows it. */
function page(path) {
    const match = /^\/runs\/([0-9a-f-]{20})$/.exec(path);
    if (match) return { title: `Run ${match[1]}`, show: (node) => run.show(node, match[1]) };
    if (path === "/insights") return { title: "Insights", show: insights.show };
    if (path === "/patterns") return { title: "Patterns", show: patterns.show };
    if (path === "/") return { title: "Runs", show: list.show };
    return { title: "Nothing here", show: (node) => void fill(node, h("p", { class: "empty" }, "There is nothing at this address.")) };
}

function show(isFirst) {
    leave?.();
    const { title, show } = page(location.pathname);
    document.title = `${title} – Forerun`;
    for (const link of document.querySelectorAll("nav a")) {
        const isHere = link.pathname === location.pathname || (link.pathname === "/" && location.pathname.startsWith("/runs/"));
        if (isHere) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
    }
    fill(main);
    leave = show(main) ?? null;
    if (isFirst) return;
    scrollTo(0, 0);
    main.focus({ preventScroll: true });
    announce(title);
}

/** Goes to another page of ours. */
export function go(path) {
    history.pushState(null, "", path);
    show(false);
}

document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.origin !== location.origin || link.hasAttribute("download") || link.getAttribute("href").startsWith("#")) return;
    if (link.pathname.startsWith("/api/")) return;
    event.preventDefault();
    if (link.href !== location.href) go(link.pathname + link.search);
});
addEventListener("popstate", () => show(false));

// The theme: as the system has it, light, dark.
const button = document.getElementById("theme");
const themes = ["system", "light", "dark"];
const theme = () => document.documentElement.dataset.theme ?? "system";
const label = () => {
    const name = { system: "Auto", light: "Light", dark: "Dark" }[theme()];
    fill(button, name);
    button.setAttribute("aria-label", `Theme: ${name}`);
};
button.addEventListener("click", () => {
    const next = themes[(themes.indexOf(theme()) + 1) % themes.length];
    if (next === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    try {
        if (next === "system") localStorage.removeItem("forerun-theme");
        else localStorage.setItem("forerun-theme", next);
    } catch {
        // Storage is off: it holds until the page is left.
    }
    label();
    dispatchEvent(new Event("themechange"));
});
label();
show(true);
