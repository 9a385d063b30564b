/// Files in `Tests/Fixtures`.
package enum Fixture {
    /// The path of a file by its own within that folder.
    package static func path(_ name: String) -> String {
        #filePath.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" } + "/Fixtures/\(name)"
    }

    /// The bytes of a file; a test that has no such file cannot go on.
    package static func bytes(_ name: String) -> [UInt8] {
        guard let file = FileOnDisk(path(name)) else { preconditionFailure("there is no \(path(name))") }
        return file.bytes
    }
}
