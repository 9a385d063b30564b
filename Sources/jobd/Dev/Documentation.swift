/// The pages of the documentation, which the package installs beside the executable.
enum Documentation {
    /// Where the package puts them.
    static let installed = "/usr/share/doc/jobd/html"

    /// The folder that has them, as an absolute path that nginx can be given.
    ///
    /// - Parameters:
    ///   - named: The one that somebody wants.
    ///   - plain: One with the articles as plain pages, for when nobody names another and none is installed.
    /// - Returns: Nil when not even that one can be used.
    /// - Throws: When the one that somebody wants has no pages.
    static func folder(_ named: String?, otherwise plain: String) throws(Dev.Failure) -> String? {
        guard let named else { return PageFolder.usable(installed) ?? PageFolder.usable(plain) }
        return try PageFolder.named(named, by: "--docs")
    }
}
