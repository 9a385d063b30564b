import FoundationEssentials
import Glibc

/// The programs that were built with the tests.
package enum BuiltPrograms {
    /// The path of `jobd`, which lies beside the test bundle.
    ///
    /// Only for test targets that depend on the target `jobd`, so that it is built with them.
    package static let jobd: String = {
        let places = directories.map { "\($0)/jobd" }
        guard let path = places.first(where: { access($0, X_OK) == 0 }) else {
            preconditionFailure("there is no jobd beside the tests: \(places)")
        }
        return path
    }()

    /// Where the test bundle may be: it is the running program, or was loaded by it.
    private static var directories: [String] {
        var files = CommandLine.arguments.prefix(1).map { $0 }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        if count > 0 { files.append(String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)) }
        let maps = (try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8)) ?? ""
        files += maps.split(separator: "\n").filter { $0.hasSuffix(".xctest") }
            .compactMap { line in line.firstIndex(of: "/").map { String(line[$0...]) } }
        return files.compactMap { file in file.lastIndex(of: "/").map { String(file[..<$0]) } }
    }
}
