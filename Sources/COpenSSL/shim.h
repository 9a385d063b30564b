// Only these functions show how far a digest has come. OpenSSL 3 has newer ones for everything else.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
