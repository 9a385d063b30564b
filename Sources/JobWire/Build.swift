/// What this executable is.
package enum Build {
    /// The version of jobd: of the daemon, its fronts and `jobctl`, which are one executable.
    ///
    /// The one place where it stands; a test compares the API's description with it, and the package is named after it.
    package static let version = "0.1.0"
}
