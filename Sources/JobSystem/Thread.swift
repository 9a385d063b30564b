import CJobSystem
import Glibc

/// What a thread has for its calls.
///
/// glibc keeps free stacks up to 40 MB together. More are mapped and unmapped for each thread, for which the others wait.
private let stackBytes = 1024 * 1024

/// Runs a body that may block on a thread of its own, which ends with it.
package func startThread(named name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
    final class Body: Sendable {
        let run: @Sendable () -> Void
        init(run: @escaping @Sendable () -> Void) { self.run = run }
    }
    var thread = pthread_t()
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, stackBytes)
    let retained = Unmanaged.passRetained(Body(run: body))
    let code = pthread_create(
        &thread, &attributes,
        { argument in
            guard let argument else { return nil }
            Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
            return nil
        }, retained.toOpaque())
    guard code == 0 else {
        retained.release()
        throw SystemError("pthread_create", errno: code)
    }
    name_thread(thread, name)
    pthread_detach(thread)
}
