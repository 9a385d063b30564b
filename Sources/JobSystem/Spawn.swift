import CJobSystem
import Glibc
import Synchronization

/// A child process to be started.
package struct Spawn: Sendable {
    /// An explicit path; nothing is looked up.
    package var path: String
    /// The first one is the program's name.
    package var arguments: [String]
    /// The whole environment; nothing is inherited.
    package var environment: [String: String]
    package var directory: String?
    /// The child's descriptors 0, 1, 2, …: at most 16; all others are closed.
    package var descriptors: [CInt]
    /// `RLIMIT_…` and its value, soft and hard.
    package var limits: [(resource: CInt, value: UInt64)] = []
    package var hasOwnGroup = false
    package var hasNoNewPrivileges = false
    /// Sent to the child when the calling thread ends; 0 for none.
    package var parentDeathSignal: CInt = 0
    /// Whether `LISTEN_PID` in the environment is to hold the child's id.
    package var setsListenPID = false

    package init(path: String, arguments: [String], environment: [String: String], descriptors: [CInt]) {
        self.path = path
        self.arguments = arguments
        self.environment = environment
        self.descriptors = descriptors
    }

    /// Held while a child is being started: until its program runs, it has copies of all of this process's descriptors.
    private static let starting = Mutex(())

    /// Blocks until each child that is being started here runs its program, and so has none of this process's descriptors
    /// any more.
    package static func waitForStarts() { starting.withLock { _ in } }

    /// Starts the child and returns its process id; somebody has to wait for it.
    ///
    /// - Throws: With the call `execve` when the program itself could not be started.
    package func start() throws(SystemError) -> Int32 {
        var call: UnsafePointer<CChar>?
        let (child, error) = withRequest { request in
            Self.starting.withLock { _ in
                let child = spawn_child(request, &call)
                return (child, Glibc.errno)
            }
        }
        guard child > 0 else {
            throw SystemError(call.map { String(cString: $0) } ?? "spawn", errno: error)
        }
        return child
    }

    /// Hands over the request as C has it, for as long as `body` runs.
    func withRequest<Result>(_ body: (UnsafePointer<spawn_request>) -> Result) -> Result {
        var entries = environment.map { "\($0.key)=\($0.value)" }
        if setsListenPID { entries.append("LISTEN_PID=0000000000") }
        let argumentPointers = CStrings(arguments)
        let environmentPointers = CStrings(entries)
        let cLimits = limits.map { spawn_limit(resource: $0.resource, value: $0.value) }
        return path.withCString { path in
            withOptionalCString(directory) { directory in
                descriptors.withUnsafeBufferPointer { descriptors in
                    cLimits.withUnsafeBufferPointer { limits in
                        var request = spawn_request(
                            path: path, arguments: argumentPointers.base, environment: environmentPointers.base,
                            directory: directory, descriptors: descriptors.baseAddress,
                            descriptor_count: CInt(descriptors.count), limits: limits.baseAddress,
                            limit_count: CInt(limits.count), own_group: hasOwnGroup,
                            no_new_privileges: hasNoNewPrivileges, parent_death_signal: parentDeathSignal,
                            listen_pid_index: setsListenPID ? CInt(entries.count - 1) : -1)
                        return body(&request)
                    }
                }
            }
        }
    }
}

func withOptionalCString<Result>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
    guard let text else { return body(nil) }
    return text.withCString { body($0) }
}

/// An array of C strings that ends with a null pointer, for as long as it lives.
final class CStrings {
    let base: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        base = .allocate(capacity: count + 1)
        for (index, string) in strings.enumerated() { base[index] = strdup(string) }
        base[count] = nil
    }

    deinit {
        for index in 0..<count { free(base[index]) }
        base.deallocate()
    }
}
