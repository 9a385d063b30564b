<?php
/*
 * A client of jobd, in one file and without dependencies, for PHP 8.1 and later.
 *
 *     require 'jobd.php';
 *
 *     $jobd = new Jobd();                                          // the control socket, /run/jobd/jobd.sock
 *     $jobd = new Jobd('https://example.org', token: '…');         // HTTP
 *
 *     $file = $jobd->upload('contract.pdf');
 *     $job = $jobd->create(['fileIds' => [$file['fileId']]]);
 *     foreach ($jobd->follow($job['jobId']) as $state) echo $state['status'], ' ', $state['progress'], "\n";
 *
 * A worker runs the jobs of pipelines with `work = "workers"`, one after the other, until SIGTERM or SIGINT:
 *
 *     $jobd->work(['video'], function (JobdRun $run) {
 *         $path = $run->fetch($run->job['files'][0], '/tmp/in.mov');
 *         $run->report(progress: 50, message: 'Encoding');         // at least every 60 seconds over HTTP
 *         $run->artifact('clip.webm', $path, 'video/webm');
 *         return ['seconds' => 12];                                // the job's result
 *     });
 *
 * What the function throws fails the job: a JobdFailure with a code and a sentence of your own, anything else with the
 * code `exception`. This file is a program, too: `php jobd.php video` runs jobs that only wait.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
declare(strict_types=1);

/** jobd refuses a request: `word` for programs, the message for people, `data` what belongs to the word. */
class JobdRefused extends RuntimeException
{
    public function __construct(public readonly string $word, string $message, public readonly array $data = [])
    {
        parent::__construct($message);
    }
}

/** jobd cannot be reached, or the connection broke: whether it did what was asked is not known. */
class JobdUnreachable extends RuntimeException
{
}

/** Thrown by a worker's function to fail its job. */
class JobdFailure extends RuntimeException
{
    public function __construct(
        public readonly string $word, string $message, public readonly bool $mayRetry = true,
        public readonly ?float $retryAfter = null
    ) {
        parent::__construct($message);
    }
}

class Jobd
{
    private const CHUNK = 524288;
    private const ROUTES = [
        'jobs.create' => ['POST', '/api/jobs'], 'jobs.process' => ['POST', '/api/file-manager/process'],
        'jobs.update' => ['PATCH', '/api/jobs/{jobId}'], 'jobs.cancel' => ['POST', '/api/jobs/{jobId}/cancel'],
        'jobs.retry' => ['POST', '/api/jobs/{jobId}/retry'], 'jobs.delete' => ['DELETE', '/api/jobs/{jobId}'],
        'jobs.get' => ['GET', '/api/jobs/{jobId}'], 'jobs.list' => ['GET', '/api/jobs'],
        'jobs.logs' => ['GET', '/api/jobs/{jobId}/logs'],
    ];

    public readonly bool $isHTTP;
    private readonly string $at;
    /** @var resource|null */
    private $socket = null;
    private int $last = 0;
    /** Leases that last as long as the connection, to be named again on the next one. */
    private array $held = [];

    /** `patience`: for how many seconds a request that may be repeated is tried while jobd is away. */
    public function __construct(
        ?string $at = null, private readonly ?string $token = null, private readonly array $headers = [],
        private readonly float $patience = 60
    ) {
        $this->at = $at ?? (getenv('JOBD_SOCKET') ?: '/run/jobd/jobd.sock');
        $this->isHTTP = preg_match('#^https?://#', $this->at) === 1;
    }

    // Jobs.

    /** Makes a job; its id is made here, so that the request may be repeated. */
    public function create(array $fields = []): array
    {
        $fields += ['jobId' => sprintf('job_%d_%s', microtime(true) * 1000, bin2hex(random_bytes(12)))];
        return $this->call('jobs.create', $fields, ($fields['onConflict'] ?? '') !== 'reject')['job'];
    }

    public function process(string $jobId, array $fileIds, array $fields = []): array
    {
        return $this->call('jobs.process', ['jobId' => $jobId, 'fileIds' => $fileIds] + $fields, true)['job'];
    }

    public function get(string $jobId, array $more = []): array
    {
        return $this->call('jobs.get', ['jobId' => $jobId] + $more, true);
    }

    /** Reports on a job that the application runs itself. */
    public function update(string $jobId, array $fields): array
    {
        return $this->call('jobs.update', ['jobId' => $jobId] + $fields);
    }

    public function cancel(string $jobId, ?string $reason = null): array
    {
        return $this->call('jobs.cancel', ['jobId' => $jobId] + ($reason ? ['reason' => $reason] : []), true)['job'];
    }

    public function retry(string $jobId): array
    {
        return $this->call('jobs.retry', ['jobId' => $jobId]);
    }

    public function delete(string $jobId): void
    {
        $this->call('jobs.delete', ['jobId' => $jobId]);
    }

    /** The states of a job, until it has ended; goes on when jobd was away, and leaves none out that is final. */
    public function follow(string $jobId): Generator
    {
        for ($since = 0;;) {
            try {
                $job = $this->get($jobId, ['since' => $since, 'waitSeconds' => 25]);
            } catch (JobdUnreachable) {
                continue;
            }
            if ($job['version'] > $since) {
                $since = $job['version'];
                yield $job;
            }
            if (in_array($job['status'], ['completed', 'failed', 'cancelled'], true)) {
                return;
            }
        }
    }

    /** The job as it ended. */
    public function wait(string $jobId): array
    {
        foreach ($this->follow($jobId) as $job) {
        }
        return $job;
    }

    // Files.

    /** Stores a file, and describes it; with a lease it becomes an artifact of that run. */
    public function upload(string $path, ?string $name = null, ?string $mediaType = null, ?array $lease = null): array
    {
        $name ??= basename($path);
        if ($this->isHTTP) {
            $target = $lease === null ? '/api/files?name=' . rawurlencode($name)
                : '/api/jobd/work/' . rawurlencode($lease['jobId']) . '/artifacts/' . rawurlencode($name);
            $headers = $mediaType ? ["Content-Type: $mediaType"] : ['Content-Type: application/octet-stream'];
            if ($lease !== null) {
                $headers[] = 'Lease-Token: ' . $lease['token'];
            }
            return json_decode($this->send($lease === null ? 'POST' : 'PUT', $target, file_get_contents($path), $headers), true);
        }
        $kind = $lease === null ? 'files' : 'artifacts';
        $begin = ['name' => $name] + ($lease ?? []) + ($lease !== null && $mediaType ? ['mediaType' => $mediaType] : []);
        $upload = $this->call("$kind.begin", $begin)['fileId'];
        $file = fopen($path, 'rb');
        while (($chunk = fread($file, self::CHUNK)) !== false && $chunk !== '') {
            $this->call("$kind.append", ['fileId' => $upload, 'data' => base64_encode($chunk)]);
        }
        fclose($file);
        return $this->call("$kind.commit", ['fileId' => $upload, 'sha256' => hash_file('sha256', $path)]);
    }

    /** Writes a file of a job that one holds to a path, and returns the path. */
    public function fetch(array $lease, array $file, string $path): string
    {
        if ($this->isHTTP) {
            $target = '/api/jobd/work/' . rawurlencode($lease['jobId']) . '/files/' . $file['fileId'];
            file_put_contents($path, $this->send('GET', $target, null, ['Lease-Token: ' . $lease['token']]));
        } else {
            $this->call('work.input', $lease + ['fileId' => $file['fileId']], true);
            $output = fopen($path, 'wb');
            for ($offset = 0; $offset < $file['size']; $offset += strlen($bytes)) {
                $part = ['fileId' => $file['fileId'], 'offset' => $offset, 'limit' => self::CHUNK];
                $bytes = base64_decode($this->call('files.read', $part, true)['data']);
                if ($bytes === '') {
                    throw new JobdUnreachable('the file ended early');
                }
                fwrite($output, $bytes);
            }
            fclose($output);
        }
        if (hash_file('sha256', $path) !== $file['sha256']) {
            throw new JobdUnreachable("{$file['name']} did not arrive as it was sent");
        }
        return $path;
    }

    // Work.

    /** Runs jobs until SIGTERM or SIGINT; over HTTP a lease has `leaseSeconds`, over the socket its connection. */
    public function work(
        array $queues, callable $run, ?array $jobTypes = null, ?int $leaseSeconds = null, ?string $worker = null
    ): void {
        $stop = false;
        if (function_exists('pcntl_signal')) {
            pcntl_async_signals(true);
            foreach ([SIGTERM, SIGINT] as $number) {
                pcntl_signal($number, function () use (&$stop) {
                    $stop = true;
                });
            }
        }
        // A claim does not wait for long, so that a worker that is to stop does so soon.
        $offer = ['queues' => $queues, 'worker' => $worker ?? gethostname() . ' ' . getmypid(), 'waitSeconds' => 0.75]
            + ($jobTypes ? ['jobTypes' => $jobTypes] : []) + ($leaseSeconds ? ['leaseSeconds' => $leaseSeconds] : []);
        $isTold = false;
        while (!$stop) {
            try {
                $jobs = $this->call('work.claim', $offer)['jobs'];
                $isTold = false;
            } catch (JobdUnreachable | JobdRefused $error) {
                $isAway = $error instanceof JobdUnreachable
                    || in_array($error->word, ['unavailable', 'storage-full', 'too-many-requests'], true);
                if (!$isAway) {
                    throw $error;
                }
                if (!$isTold) {
                    fwrite(STDERR, "jobd: trying again: {$error->getMessage()}\n");
                }
                $isTold = true;
                usleep($error instanceof JobdUnreachable ? 200000 : 500000);
                continue;
            }
            foreach ($jobs as $entry) {
                $this->perform(new JobdRun($this, $entry['job'], $entry['lease']['token'], $stop), $run, $entry['lease']);
            }
        }
    }

    private function perform(JobdRun $run, callable $function, array $lease): void
    {
        if ($lease['expiresAt'] === null) {
            $this->held = [$run->lease];
        }
        [$method, $params] = ['work.complete', $run->lease];
        try {
            $result = $function($run);
            if ($result !== null) {
                $params['result'] = $result;
            } elseif ($run->stops()) {
                $method = 'work.release';
            }
        } catch (JobdFailure $failure) {
            $method = 'work.fail';
            $params['error'] = ['code' => $failure->word, 'message' => $failure->getMessage()];
            $params['mayRetry'] = $failure->mayRetry;
            if ($failure->retryAfter !== null) {
                $params['retryAfterSeconds'] = $failure->retryAfter;
            }
        } catch (Throwable $error) {
            $method = $run->stops() ? 'work.release' : 'work.fail';
            if ($method === 'work.fail') {
                $message = substr($error->getMessage() ?: get_class($error), 0, 500);
                $params['error'] = ['code' => 'exception', 'message' => $message, 'cause' => substr((string) $error, -4000)];
            }
        }
        $this->held = [];
        try {
            if (!$run->isLost) {
                // May be said again: the answer is the same.
                $this->call($method, $params, true);
            }
        } catch (JobdRefused | JobdUnreachable $error) {
            fwrite(STDERR, "jobd: {$run->job['jobId']}: {$error->getMessage()}\n");
        }
    }

    // Requests.

    /** One request; with `repeats` it is sent again while jobd is away, which must be safe. */
    public function call(string $method, array $params = [], bool $repeats = false): array
    {
        $end = microtime(true) + $this->patience;
        while (true) {
            try {
                return $this->isHTTP ? $this->callHTTP($method, $params) : $this->callSocket($method, $params);
            } catch (JobdUnreachable $error) {
            } catch (JobdRefused $error) {
                if (!in_array($error->word, ['unavailable', 'too-many-requests'], true)) {
                    throw $error;
                }
            }
            if (!$repeats || microtime(true) > $end) {
                throw $error;
            }
            usleep(200000);
        }
    }

    private function callSocket(string $method, array $params): array
    {
        if ($this->socket === null) {
            $this->socket = @stream_socket_client("unix://$this->at", $number, $reason, 5) ?: null;
            if ($this->socket === null) {
                throw new JobdUnreachable("$this->at: $reason");
            }
            stream_set_timeout($this->socket, 60);
            if ($this->held !== []) {
                $this->exchange('work.renew', ['leases' => $this->held]);
            }
        }
        return $this->exchange($method, $params);
    }

    private function exchange(string $method, array $params): array
    {
        $id = ++$this->last;
        $request = ['jsonrpc' => '2.0', 'id' => $id, 'method' => $method, 'params' => (object) $params];
        $line = json_encode($request, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_PRESERVE_ZERO_FRACTION) . "\n";
        for ($sent = 0; $sent < strlen($line); $sent += $count) {
            $count = @fwrite($this->socket, substr($line, $sent));
            if ($count === false || $count === 0) {
                $this->close();
                throw new JobdUnreachable('the connection to jobd broke');
            }
        }
        while (($answer = fgets($this->socket)) !== false) {
            $reply = json_decode($answer, true);
            if (($reply['id'] ?? null) !== $id) {
                continue;
            }
            if (isset($reply['error'])) {
                $data = $reply['error']['data'] ?? [];
                throw new JobdRefused($data['code'] ?? 'internal', $reply['error']['message'] ?? '', $data);
            }
            return $reply['result'];
        }
        $this->close();
        throw new JobdUnreachable('the connection to jobd broke');
    }

    public function close(): void
    {
        if ($this->socket !== null) {
            fclose($this->socket);
            $this->socket = null;
        }
    }

    private function callHTTP(string $method, array $params): array
    {
        [$verb, $path] = str_starts_with($method, 'work.')
            ? ['POST', '/api/jobd/work/' . substr($method, 5)] : self::ROUTES[$method];
        if (str_contains($path, '{jobId}')) {
            $path = str_replace('{jobId}', rawurlencode($params['jobId']), $path);
            unset($params['jobId']);
        }
        if ($verb === 'GET') {
            if (isset($params['waitSeconds'])) {
                $params['wait'] = $params['waitSeconds'];
                unset($params['waitSeconds']);
            }
            $body = $this->send($verb, $path . ($params ? '?' . http_build_query($params) : ''));
        } else {
            $json = json_encode((object) $params, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_PRESERVE_ZERO_FRACTION);
            $body = $this->send($verb, $path, $json, ['Content-Type: application/json']);
        }
        $answer = $body === '' ? [] : json_decode($body, true);
        return in_array($method, ['jobs.create', 'jobs.process', 'jobs.cancel'], true) ? ['job' => $answer] : $answer;
    }

    private function send(string $verb, string $path, ?string $body = null, array $headers = []): string
    {
        $headers = [...$this->headers, ...$headers];
        if ($this->token !== null) {
            $headers[] = "Authorization: Bearer $this->token";
        }
        $context = stream_context_create(['http' => [
            'method' => $verb, 'header' => $headers, 'content' => $body ?? '', 'ignore_errors' => true, 'timeout' => 70,
            'follow_location' => 0,
        ]]);
        $answer = @file_get_contents(rtrim($this->at, '/') . $path, false, $context);
        if ($answer === false || !isset($http_response_header)) {
            throw new JobdUnreachable("$this->at does not answer");
        }
        $status = (int) explode(' ', $http_response_header[0])[1];
        if ($status < 400) {
            return $answer;
        }
        $problem = json_decode($answer, true) ?: [];
        throw new JobdRefused($problem['code'] ?? 'internal', $problem['detail'] ?? "status $status", $problem);
    }
}

/** A run of a job, which a worker's function gets. */
class JobdRun
{
    public readonly array $lease;
    /** Whether somebody else has the job now: nothing that is said of it counts any more. */
    public bool $isLost = false;
    private bool $isCancelled = false;

    public function __construct(
        private readonly Jobd $jobd, public readonly array $job, string $token, private bool &$stop
    ) {
        $this->lease = ['jobId' => $job['jobId'], 'token' => $token];
    }

    /** Whether the job is to be cancelled, or the worker is to stop: end soon, whatever you return. */
    public function cancelled(): bool
    {
        return $this->isCancelled || $this->isLost || $this->stop;
    }

    /** Whether the worker is to stop. */
    public function stops(): bool
    {
        return $this->stop;
    }

    /** Tells how it goes, which renews the lease; `lines` are texts for the job's log. */
    public function report(
        ?float $progress = null, ?string $step = null, ?string $message = null, array $lines = []
    ): void {
        $news = array_filter(
            ['progress' => $progress, 'step' => $step, 'message' => $message], fn ($value) => $value !== null);
        foreach (array_slice($lines, 0, 100) as $text) {
            $news['lines'][] = ['stream' => 'stdout', 'text' => substr($text, 0, 2048)];
        }
        try {
            $state = $this->jobd->call('work.report', $this->lease + $news, $lines === []);
            $this->isCancelled = $this->isCancelled || $state['cancelRequested'];
        } catch (JobdRefused $refused) {
            if ($refused->word !== 'lease-lost') {
                throw $refused;
            }
            $this->isLost = true;
        }
    }

    /** Writes a file of the job to a path, and returns the path. */
    public function fetch(array $file, string $path): string
    {
        return $this->jobd->fetch($this->lease, $file, $path);
    }

    /** Stores what the run made. */
    public function artifact(string $name, string $path, ?string $mediaType = null): array
    {
        return $this->jobd->upload($path, $name, $mediaType, $this->lease);
    }
}

if (PHP_SAPI === 'cli' && realpath($argv[0] ?? '') === __FILE__) {
    if ($argc < 2) {
        fwrite(STDERR, "usage: php jobd.php QUEUE…   runs jobs that wait metadata.seconds; JOBD_SOCKET names the socket\n");
        exit(2);
    }
    (new Jobd())->work(array_slice($argv, 1), function (JobdRun $run) {
        $seconds = (float) ($run->job['metadata']['seconds'] ?? 1);
        for ($passed = 0; $passed < $seconds && !$run->cancelled(); $passed++) {
            $run->report(progress: 100 * $passed / $seconds, message: 'Waiting');
            usleep((int) (min(1, $seconds - $passed) * 1e6));
        }
        return $run->cancelled() ? null : ['waited' => $seconds];
    });
}
