/* streams URL BODY COUNT: posts BODY so many times at once with libcurl's multi interface, reads all of it, and prints the
   processor time in seconds. What a careful C program does, and no more. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static size_t take(char *bytes, size_t size, size_t count, void *total) {
    (void)bytes;
    *(size_t *)total += size * count;
    return size * count;
}

int main(int count, char **arguments) {
    if (count != 4) return 2;
    int streams = atoi(arguments[3]);
    size_t total = 0;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM *multi = curl_multi_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    CURL **handles = calloc((size_t)streams, sizeof *handles);
    for (int index = 0; index < streams; index++) {
        CURL *easy = handles[index] = curl_easy_init();
        curl_easy_setopt(easy, CURLOPT_URL, arguments[1]);
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, arguments[2]);
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &total);
        curl_multi_add_handle(multi, easy);
    }
    int running = streams, failed = 0;
    while (running > 0) {
        if (curl_multi_perform(multi, &running) != CURLM_OK) return 1;
        int left;
        for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));) {
            long status = 0;
            curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
            if (message->data.result != CURLE_OK || status != 200) failed++;
        }
        if (running > 0 && curl_multi_poll(multi, NULL, 0, 1000, NULL) != CURLM_OK) return 1;
    }
    for (int index = 0; index < streams; index++) {
        curl_multi_remove_handle(multi, handles[index]);
        curl_easy_cleanup(handles[index]);
    }
    curl_multi_cleanup(multi);
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    printf("%.6f\n", (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec)
                         + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
    return failed > 0 || total == 0;
}
