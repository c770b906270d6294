import Foundation

/// The environment variables of this process.
package enum ProcessVariables {
    package static var current: [String: String] { ProcessInfo.processInfo.environment }
}
