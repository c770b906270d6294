/// A file that pages are made of. All of them are inside of the program.
enum Asset: String, Sendable, CaseIterable {
    case page = "index.html"
    case style = "style.css"
    case icon = "icon.svg"
    case theme = "theme.js"
    case app = "app.js"
    case dom = "dom.js"
    case format = "format.js"
    case list = "list.js"
    case run = "run.js"
    case model = "model.js"
    case timeline = "timeline.js"
    case transcript = "transcript.js"
    case inspector = "inspector.js"
    case insights = "insights.js"
    case patterns = "patterns.js"
    case plots = "plots.js"

    init?(name: String) {
        // The page has addresses of its own.
        guard let asset = Asset(rawValue: name), asset != .page else { return nil }
        self = asset
    }

    var contentType: String {
        if rawValue.hasSuffix(".js") { return "text/javascript; charset=utf-8" }
        if rawValue.hasSuffix(".css") { return "text/css; charset=utf-8" }
        if rawValue.hasSuffix(".svg") { return "image/svg+xml" }
        return "text/html; charset=utf-8"
    }

    var bytes: [UInt8] {
        switch self {
        case .page: PackageResources.index_html
        case .style: PackageResources.style_css
        case .icon: PackageResources.icon_svg
        case .theme: PackageResources.theme_js
        case .app: PackageResources.app_js
        case .dom: PackageResources.dom_js
        case .format: PackageResources.format_js
        case .list: PackageResources.list_js
        case .run: PackageResources.run_js
        case .model: PackageResources.model_js
        case .timeline: PackageResources.timeline_js
        case .transcript: PackageResources.transcript_js
        case .inspector: PackageResources.inspector_js
        case .insights: PackageResources.insights_js
        case .patterns: PackageResources.patterns_js
        case .plots: PackageResources.plots_js
        }
    }
}
