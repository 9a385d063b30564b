import Glibc

/// A folder of pages that nginx can be given.
enum PageFolder {
    /// The one that somebody wants, as an absolute path.
    ///
    /// - Throws: When it has no pages.
    static func named(_ folder: String, by option: String) throws(Dev.Failure) -> String {
        if let path = usable(folder) { return path }
        throw Dev.Failure(description: "\(folder) has no index.html that can be read; choose another \(option).")
    }

    /// Its absolute path; nil where it has no pages, or a name that nginx would understand in another way.
    static func usable(_ folder: String) -> String? {
        guard let found = realpath(folder, nil) else { return nil }
        defer { free(found) }
        let path = String(cString: found)
        // nginx would take what follows a `$` for a variable.
        let isPlain = !path.unicodeScalars.contains { $0.properties.generalCategory == .control || $0 == "$" }
        return isPlain && access("\(path)/index.html", R_OK) == 0 ? path : nil
    }
}
