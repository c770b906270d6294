/// What earlier runs of an agent taught: how far guesses can be trusted, how long work takes, what speculation came to.
package struct Experience: Sendable, Hashable {
    package var ensemble: Ensemble
    package var estimates: Estimates
    package var switchboard: Switchboard

    package init(
        ensemble: Ensemble = Ensemble(), estimates: Estimates = Estimates(), switchboard: Switchboard = Switchboard()
    ) {
        self.ensemble = ensemble
        self.estimates = estimates
        self.switchboard = switchboard
    }
}
