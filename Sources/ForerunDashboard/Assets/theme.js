// Before anything is drawn: the theme that was chosen last. Without one, the system decides.
(() => {
    let theme = null;
    try {
        theme = localStorage.getItem("forerun-theme");
    } catch {
        // Storage is off: the system decides.
    }
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
