import CJobSystem
import Glibc

/// Runs a body that may block on a thread of its own, which ends with it.
package func startThread(named name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
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
        throw SystemError("pthread_create", errno: code)
    }
    name_thread(thread, name)
    pthread_detach(thread)
}
