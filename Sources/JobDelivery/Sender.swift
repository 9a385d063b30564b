import AsyncHTTPClient
import Glibc
package import JobModel
import JobWire
package import NIOCore
import NIOHTTP1
package import NIOSSL

/// Sends messages to webhooks, each try on a connection of its own.
///
/// A name is looked up for each try, and the connection goes to an address that was looked at: what the name means a moment
/// later makes no difference. The certificate is that of the name all the same.
package struct Sender: Sendable {
    /// What sending depends on beside the message.
    package struct Surroundings: Sendable {
        package var addresses: @Sendable (_ name: String) async -> NameLookUp.Outcome
        /// The addresses of this machine.
        package var own: @Sendable () -> Set<IPAddress>
        /// The content of a small file, nil when it cannot be read; may block for a moment.
        package var file: @Sendable (_ path: String) -> String?
        package var now: @Sendable () -> Timestamp
        /// Whom to trust beside those whom the system trusts.
        package var trusted: [NIOSSLCertificate] = []

        package init(
            addresses: @escaping @Sendable (String) async -> NameLookUp.Outcome,
            own: @escaping @Sendable () -> Set<IPAddress>, file: @escaping @Sendable (String) -> String?,
            now: @escaping @Sendable () -> Timestamp
        ) {
            self.addresses = addresses
            self.own = own
            self.file = file
            self.now = now
        }
    }

    /// How long things may take.
    package struct Deadlines: Sendable {
        package var connect: TimeAmount = .seconds(5)
        /// All of a try but the look-up.
        package var all: TimeAmount = .seconds(20)

        package init() {}
    }

    /// A name may have many addresses; so many are tried.
    private static let triedAddresses = 3

    private let group: any EventLoopGroup
    private let surroundings: Surroundings
    private let deadlines: Deadlines

    package init(on group: any EventLoopGroup, _ surroundings: Surroundings, deadlines: Deadlines = Deadlines()) {
        self.group = group
        self.surroundings = surroundings
        self.deadlines = deadlines
    }

    /// Sends a message once; returns what became of it.
    package func send(_ order: Order) async -> Delivery.Outcome {
        do throws(Problem) {
            let request = try signed(order)
            let addresses = try await addresses(of: order)
            let deadline = NIODeadline.now() + deadlines.all
            var outcome = Delivery.Outcome.failed(problem: "No address was tried.")
            for address in addresses.prefix(Self.triedAddresses) {
                switch await post(request, to: order.address, at: address, deadline) {
                case .ended(let end): return end
                case .notConnected(let problem): outcome = .failed(problem: problem)
                }
            }
            return outcome
        } catch {
            return .failed(problem: error.description)
        }
    }

    private struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    private func signed(_ order: Order) throws(Problem) -> HTTPClientRequest {
        guard let text = surroundings.file(order.secretFile) else {
            throw Problem(description: "The file \(order.secretFile) cannot be read, so the message cannot be signed.")
        }
        let keys: WebhookKeys
        do throws(WebhookKeys.Failure) {
            keys = try WebhookKeys(text)
        } catch {
            throw Problem(description: "The file \(order.secretFile) is wrong: \(error).")
        }
        let seconds = surroundings.now().milliseconds / 1000
        var request = HTTPClientRequest(url: order.address.description)
        request.method = .POST
        request.headers = [
            "content-type": "application/json", "user-agent": "jobd/\(Build.version)", "webhook-id": order.id,
            "webhook-timestamp": "\(seconds)",
            "webhook-signature": keys.signature(of: order.id, at: seconds, order.body),
        ]
        request.body = .bytes(ByteBuffer(string: order.body))
        return request
    }

    /// The addresses that a connection may go to.
    private func addresses(of order: Order) async throws(Problem) -> [IPAddress] {
        let all: [IPAddress]
        switch await surroundings.addresses(order.address.host) {
        case .failure(let failure): throw Problem(description: failure.description)
        case .success(let found): all = found
        }
        guard let first = all.first else {
            throw Problem(description: "The name \(order.address.host) has no address.")
        }
        guard !order.allowPrivate else { return all }
        let own = surroundings.own()
        let allowed = all.filter { $0.isPublic && !own.contains($0) }
        guard !allowed.isEmpty else {
            throw Problem(
                description:
                    "The address \(first) is one of this machine or of a private network; allowPrivate allows that.")
        }
        return allowed
    }

    private enum Try {
        case ended(Delivery.Outcome)
        case notConnected(problem: String)
    }

    private func post(
        _ request: HTTPClientRequest, to address: WebhookAddress, at ip: IPAddress, _ deadline: NIODeadline
    ) async -> Try {
        let client = HTTPClient(eventLoopGroup: group, configuration: configuration(to: address, at: ip))
        let result: Try
        do {
            let response = try await client.execute(request, deadline: deadline)
            // What else it says is not read.
            result = .ended(outcome(of: response))
        } catch let error as HTTPClientError where error == .connectTimeout {
            result = .notConnected(problem: "Nobody answers at \(ip).")
        } catch let error as HTTPClientError where [.deadlineExceeded, .readTimeout, .cancelled].contains(error) {
            let seconds = deadlines.all.nanoseconds / 1_000_000_000
            result = .ended(.failed(problem: "The receiver did not answer within \(seconds) s."))
        } catch ChannelError.connectTimeout {
            result = .notConnected(problem: "Nobody answers at \(ip).")
        } catch let error as IOError {
            result = .notConnected(problem: "Nobody answers at \(ip): \(String(cString: strerror(error.errnoCode))).")
        } catch {
            result = .ended(.failed(problem: "The receiver at \(ip) cannot be talked to: \(error)".beginning(of: 500)))
        }
        try? await client.shutdown()
        return result
    }

    private func configuration(to address: WebhookAddress, at ip: IPAddress) -> HTTPClient.Configuration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.additionalTrustRoots = [.certificates(surroundings.trusted)]
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: deadlines.connect, read: deadlines.all), decompression: .disabled)
        // The name stays that of the certificate and of the request.
        configuration.dnsOverride = [address.isIPv6 ? "[\(address.host)]" : address.host: ip.description]
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.maximumUsesPerConnection = 1
        return configuration
    }

    private func outcome(of response: HTTPClientResponse) -> Delivery.Outcome {
        let status = Int(response.status.code)
        if (200..<300).contains(status) { return .delivered(httpStatus: status) }
        let pause = response.headers.first(name: "retry-after").flatMap { Int64($0) }.map {
            Duration.seconds(min(max($0, 0), 86_400))
        }
        let reason = (300..<400).contains(status) ? "Redirects are not followed: it answered" : "The receiver answered"
        return .failed(
            problem: "\(reason) \(status).", httpStatus: (100...599).contains(status) ? status : nil, retryAfter: pause)
    }
}

extension String {
    /// At most so many bytes from the beginning.
    fileprivate func beginning(of bytes: Int) -> String { String(decoding: utf8.prefix(bytes), as: UTF8.self) }
}
