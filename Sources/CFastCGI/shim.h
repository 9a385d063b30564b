#include <fcgiapp.h>

// The beginning of what libfcgi keeps behind a stream, which has been so since its version 2.4.0.
struct jobd_fcgi_stream_data {
    unsigned char *buff;
    int bufflen;
    unsigned char *mBuff;
    unsigned char *buffStop;
    int type;
    int eorStop;
    int skip;
    int contentLen;
    int paddingLen;
};

// Whether a read from a stream gives something, or its end, without waiting for the peer: libfcgi has read more of the
// connection than it shows in the stream. The header of a record has 8 bytes.
static inline int jobd_fcgi_has_content(const FCGX_Stream *stream) {
    const struct jobd_fcgi_stream_data *data = (const struct jobd_fcgi_stream_data *)stream->data;
    long count = data->buffStop - stream->rdNext;
    if (stream->rdNext < stream->stop || data->contentLen > 0) return count > 0;
    return count - data->paddingLen >= 8;
}
