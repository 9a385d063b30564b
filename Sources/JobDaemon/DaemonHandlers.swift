package import JSON
package import JobWire

/// What the daemon calls for things outside of it, and when it cannot go on.
package struct DaemonHandlers: Sendable {
    /// Rereads the configuration, and takes the text of the keys of tokens if it is given; answers what changed, for people.
    package typealias Reload = @Sendable (_ tokenKeys: String?) async -> Result<JSONValue, Refusal>

    /// Writes a backup to a directory; answers what is in it.
    package typealias BackUp = @Sendable (_ directory: String) async -> Result<JSONValue, Refusal>

    /// Looks at the daemon's surroundings; answers what it sees.
    package typealias Inspect = @Sendable () async -> JSONObject

    /// Told why the daemon has to start anew: only then is it known again what the store holds.
    package typealias End = @Sendable (_ reason: String) -> Void

    /// Told why the daemon must not go on: what the store holds can no longer be trusted.
    package typealias Damage = @Sendable (_ reason: String) -> Void

    let reload: Reload
    let backUp: BackUp
    let inspect: Inspect
    let damage: Damage
    let end: End

    /// Those that are not given do nothing.
    package init(
        reload: @escaping Reload = { _ in .success([:]) }, backUp: @escaping BackUp = { _ in .success([:]) },
        inspect: @escaping Inspect = { [:] }, damage: @escaping Damage = { _ in }, end: @escaping End = { _ in }
    ) {
        self.reload = reload
        self.backUp = backUp
        self.inspect = inspect
        self.damage = damage
        self.end = end
    }
}
