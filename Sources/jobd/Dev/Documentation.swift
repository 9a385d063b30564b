import Glibc

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
        if let path = usable(named ?? installed) { return path }
        guard let named else { return usable(plain) }
        throw Dev.Failure(description: "\(named) has no index.html that can be read; choose another --docs.")
    }

    private static func usable(_ folder: String) -> String? {
        guard let found = realpath(folder, nil) else { return nil }
        defer { free(found) }
        let path = String(cString: found)
        // nginx would take what follows a `$` for a variable.
        let isPlain = !path.unicodeScalars.contains { $0.properties.generalCategory == .control || $0 == "$" }
        return isPlain && access("\(path)/index.html", R_OK) == 0 ? path : nil
    }
}
