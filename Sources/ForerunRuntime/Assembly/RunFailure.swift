package import ForerunCore
package import ForerunStore

/// Why a run could not begin, or could not go on.
package enum RunFailure: Error, Sendable, CustomStringConvertible {
    case configuration(ConfigurationError)
    case model(ModelFailure)
    case environment(EnvironmentFailure)
    case store(StoreError)

    /// Cause and remedy.
    package var description: String {
        switch self {
        case .configuration(let error): "\(error)"
        case .model(let error): "\(error)"
        case .environment(let error): "\(error)"
        case .store(let error): "\(error)"
        }
    }
}
