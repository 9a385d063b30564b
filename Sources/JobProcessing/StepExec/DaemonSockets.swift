import Glibc

/// Over which sockets daemons ask for steps: the one that this process was given, or all that connect to it when it listens.
///
/// A daemon that starts connects while the one before it may not have gone yet.
struct DaemonSockets {
    /// So many at once; others wait until one of them goes.
    private static let most = 64

    private let listener: CInt?
    private let greeting: UInt8
    private var connections: [CInt] = []

    /// Everyone who connects is sent the greeting: 1 where each step has a control group of its own, else 0.
    init(given descriptor: CInt, greeting: UInt8) {
        self.greeting = greeting
        var isListening: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &length)
        listener = isListening != 0 ? descriptor : nil
        if listener == nil { connections = [descriptor] }
    }

    /// Whether somebody is there who could ask, or may come.
    var mayCome: Bool { listener != nil || !connections.isEmpty }

    /// What can be read when somebody asks or comes.
    var watched: [CInt] { connections + (connections.count < Self.most ? [listener].compactMap(\.self) : []) }

    /// Takes and greets whoever has come; false when this is not where somebody comes.
    mutating func accept(from socket: CInt) -> Bool {
        guard socket == listener else { return false }
        // Supervisors close it, and nothing else is forked.
        let connection = Glibc.accept(socket, nil, nil)
        guard connection >= 0 else { return true }
        var greeting = greeting
        send(connection, &greeting, 1, CInt(MSG_NOSIGNAL | MSG_DONTWAIT))
        connections.append(connection)
        return true
    }

    /// Takes leave of one that has gone.
    mutating func remove(_ socket: CInt) {
        connections.removeAll { $0 == socket }
        close(socket)
    }
}
