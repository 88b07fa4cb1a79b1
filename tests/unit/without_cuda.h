/* SPDX-License-Identifier: MIT
 *
 * without_cuda.h - what a test program of the build with CUDA is in other builds: one case, skipped.
 */
#ifndef WITHOUT_CUDA_H
#define WITHOUT_CUDA_H

static void test_needs_cuda(void **state)
{
    (void)state;
    print_message("this build has no CUDA: make CUDA=1 unit\n");
    skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_needs_cuda)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
