import CFastCGI
import Glibc

/// A system call that failed: its name and `errno`.
struct SystemCallFailed: Error, CustomStringConvertible {
    let call: String
    let code: CInt

    var description: String { "\(call): \(String(cString: strerror(code)))" }

    /// The result of a call that says -1 when it failed.
    static func check(_ call: String, _ result: CInt) throws(SystemCallFailed) -> CInt {
        guard result >= 0 else { throw SystemCallFailed(call: call, code: errno) }
        return result
    }
}

/// Runs a body that may block on a thread of its own, which ends with it.
func startThread(named name: String, _ body: @escaping @Sendable () -> Void) throws(SystemCallFailed) {
    final class Body: Sendable {
        let run: @Sendable () -> Void
        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }
    var thread = pthread_t()
    let retained = Unmanaged.passRetained(Body(run: body))
    let code = pthread_create(
        &thread, nil,
        { argument in
            guard let argument else { return nil }
            Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
            return nil
        }, retained.toOpaque())
    guard code == 0 else {
        retained.release()
        throw SystemCallFailed(call: "pthread_create", code: code)
    }
    pthread_setname_np(thread, name)
    pthread_detach(thread)
}
