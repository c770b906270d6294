#include "csv.h"

#include <stdio.h>
#include <string.h>

static int number;
static int failures;

static void check_text(const char *name, const char *got, const char *wanted)
{
    int ok = got != NULL && strcmp(got, wanted) == 0;

    number++;
    printf("%s %d - %s\n", ok ? "ok" : "not ok", number, name);
    if (!ok) {
        printf("#   wanted: %s\n#   got:    %s\n", wanted, got != NULL ? got : "(nothing)");
        failures++;
    }
}

static void check_number(const char *name, long got, long wanted)
{
    number++;
    printf("%s %d - %s\n", got == wanted ? "ok" : "not ok", number, name);
    if (got != wanted) {
        printf("#   wanted: %ld\n#   got:    %ld\n", wanted, got);
        failures++;
    }
}

static void test_records(void)
{
    struct csv_record record;

    csv_parse_record("alpha,beta,gamma", &record);
    check_text("a plain record is split at commas", csv_field(&record, 1), "beta");
    csv_parse_record("alpha,,", &record);
    check_number("empty fields count, the last one too", (long)record.count, 3);
    csv_parse_record("\"one, two\",three", &record);
    check_text("a quoted field may hold a comma", csv_field(&record, 0), "one, two");
    csv_parse_record("\"say \"\"hi, all\"\" now\",next", &record);
    check_text("a quote written twice stands for one", csv_field(&record, 0), "say \"hi, all\" now");
    check_number("a quote that is never closed is refused", csv_parse_record("\"open,1", &record), -1);
}

static void test_tables(void)
{
    static struct csv_table table;
    long sum = -1;

    csv_parse_table("name,price,count\nbolt,12,40\n\nnut,7,60\n", &table);
    check_number("empty lines are no rows", (long)table.count, 2);
    check_number("the first column is found", csv_find_column(&table, "name"), 0);
    check_number("the last column is found", csv_find_column(&table, "count"), 2);
    csv_sum_column(&table, "count", &sum);
    check_number("the last column is added up", sum, 100);
}

static void test_formats(void)
{
    struct csv_record record;
    char out[64];

    csv_format_field("plain", out, sizeof out);
    check_text("a plain field stays as it is", out, "plain");
    csv_format_field("6\" pipe, steel", out, sizeof out);
    csv_parse_record(out, &record);
    check_text("what was written reads back", csv_field(&record, 0), "6\" pipe, steel");
}

int main(void)
{
    test_records();
    test_tables();
    test_formats();
    printf("%d tests, %d failed\n", number, failures);
    return failures == 0 ? 0 : 1;
}
