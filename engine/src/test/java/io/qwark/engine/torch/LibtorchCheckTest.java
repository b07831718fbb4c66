package io.qwark.engine.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders as PyTorch, DJL and engine/native/build.sh leave them, with files of a few bytes. */
class LibtorchCheckTest {
  private static final BundledTorch BUNDLED = new BundledTorch("0.35.1", "2.7.1", "2.7.1-20250812");

  @TempDir private Path temporary;

  private final Map<String, String> settings = new HashMap<>();

  @Test
  void theBindingThatWasBuiltForThisPyTorchIsTaken() throws IOException {
    Path torch = pythonPackage("2.11.0+cu130");
    settings.put(LibtorchCheck.PATH, built(torch, "2.11.0+cu130", "0.35.1").toString());
    assertEquals(Map.of(LibtorchCheck.VERSION, "2.11.0+cu130"), check());
  }

  @Test
  void aPyTorchThatWasReplacedAfterTheBindingWasBuiltIsRefused() throws IOException {
    Path torch = pythonPackage("2.12.0+cu130");
    Path folder = built(torch, "2.11.0+cu130", "0.35.1");
    settings.put(LibtorchCheck.PATH, folder.toString());
    assertRefused("was built for PyTorch 2.11.0+cu130", "is of PyTorch 2.12.0+cu130", "build.sh");
  }

  @Test
  void theSameReleaseBuiltForAnotherCudaIsRefused() throws IOException {
    Path torch = pythonPackage("2.11.0+cu128");
    settings.put(LibtorchCheck.PATH, built(torch, "2.11.0+cu130", "0.35.1").toString());
    assertRefused("was built for PyTorch 2.11.0+cu130", "2.11.0+cu128");
  }

  @Test
  void aBindingForAnotherDjlIsRefused() throws IOException {
    Path torch = pythonPackage("2.11.0+cu130");
    settings.put(LibtorchCheck.PATH, built(torch, "2.11.0+cu130", "0.36.0").toString());
    assertRefused("was built for DJL 0.36.0", "this is DJL 0.35.1");
  }

  @Test
  void aNewerPyTorchWithoutABindingIsRefused() throws IOException {
    Path torch = pythonPackage("2.15.0+cu132");
    settings.put(LibtorchCheck.PATH, torch.resolve("lib").toString());
    assertRefused("holds PyTorch 2.15.0+cu132", "fits libtorch 2.7.1 only", "build.sh");
  }

  @ParameterizedTest
  @ValueSource(strings = {"libdjl_torch.so", "0.35.1-libdjl_torch.so"})
  void aNewerPyTorchWithDjlsOwnLibraryIsRefused(String name) throws IOException {
    Path torch = pythonPackage("2.15.0+cu132");
    Files.writeString(torch.resolve("lib").resolve(name), "\177ELF, no mark");
    settings.put(LibtorchCheck.PATH, torch.resolve("lib").toString());
    assertRefused("holds PyTorch 2.15.0+cu132", name + " there is DJL's own");
  }

  @Test
  void ofTwoLibrariesTheOneThatDjlPrefersCounts() throws IOException {
    Path folder = built(pythonPackage("2.11.0+cu130"), "2.11.0+cu130", "0.35.1");
    Files.writeString(folder.resolve("0.35.1-libdjl_torch.so"), mark("2.10.0", "0.35.1"));
    settings.put(LibtorchCheck.PATH, folder.toString());
    assertRefused("0.35.1-libdjl_torch.so was built for PyTorch 2.10.0");
  }

  @Test
  void thePyTorchThatDjlsLibraryFitsNeedsNoBinding() throws IOException {
    Path torch = pythonPackage("2.7.1+cpu");
    settings.put(LibtorchCheck.PATH, torch.resolve("lib").toString());
    assertEquals(Map.of(LibtorchCheck.VERSION, "2.7.1+cpu", LibtorchCheck.FLAVOR, "cpu"), check());
    Files.createFile(torch.resolve("lib/libtorch_cuda.so"));
    assertEquals("cu128", check().get(LibtorchCheck.FLAVOR));
  }

  @Test
  void theFirstFolderThatHoldsLibtorchCounts() throws IOException {
    Path old = pythonPackage("2.15.0");
    Path folder = built(pythonPackage("2.11.0+cu130"), "2.11.0+cu130", "0.35.1");
    settings.put(LibtorchCheck.PATH, temporary + ":" + folder + ":" + old.resolve("lib"));
    assertEquals("2.11.0+cu130", check().get(LibtorchCheck.VERSION));
    settings.put(LibtorchCheck.PATH, folder.resolve("libtorch.so").toString());
    assertEquals("2.11.0+cu130", check().get(LibtorchCheck.VERSION));
  }

  /** DJL would take the libtorch of the class path, and the card would stay unused. */
  @Test
  void aPathWithoutLibtorchIsRefused() {
    settings.put(LibtorchCheck.PATH, temporary + ":/nowhere");
    assertRefused("there is no libtorch.so in " + temporary + ":/nowhere");
  }

  @Test
  void aLinkToAPyTorchOfAnotherHostIsRefused() throws IOException {
    Path link = temporary.resolve("libtorch.so");
    Files.createSymbolicLink(link, temporary.resolve("elsewhere/libtorch.so"));
    settings.put(LibtorchCheck.PATH, temporary.toString());
    assertRefused(link + " is a link to a file that is not on this host");
  }

  @Test
  void aDownloadedLibtorchTellsItsVersion() throws IOException {
    Path torch = Files.createDirectories(temporary.resolve("libtorch"));
    Files.createFile(Files.createDirectory(torch.resolve("lib")).resolve("libtorch.so"));
    Files.writeString(torch.resolve("build-version"), "2.9.0+cu129\n");
    settings.put(LibtorchCheck.PATH, torch.resolve("lib").toString());
    assertRefused("holds PyTorch 2.9.0+cu129");
  }

  @Test
  void aFolderOfDjlsCacheTellsItsVersion() throws IOException {
    Path cache = temporary.resolve("2.7.1-20250812-cpu-linux-x86_64");
    Files.createFile(Files.createDirectory(cache).resolve("libtorch.so"));
    Files.writeString(cache.resolve("0.35.1-libdjl_torch.so"), "\177ELF, no mark");
    settings.put(LibtorchCheck.PATH, cache.toString());
    assertEquals(Map.of(LibtorchCheck.VERSION, "2.7.1"), check());
  }

  @Test
  void anUnknownLibtorchIsTakenOnTheUsersWord() throws IOException {
    Files.createFile(temporary.resolve("libtorch.so"));
    Files.writeString(temporary.resolve("libdjl_torch.so"), mark("2.11.0+cu130", "0.35.1"));
    settings.put(LibtorchCheck.PATH, temporary.toString());
    assertRefused("nothing tells which PyTorch is in " + temporary, "Set PYTORCH_VERSION");
    settings.put(LibtorchCheck.VERSION, "2.10.0");
    assertRefused("was built for PyTorch 2.11.0+cu130", "is of PyTorch 2.10.0");
    settings.put(LibtorchCheck.VERSION, "2.11.0");
    assertEquals("2.11.0", check().get(LibtorchCheck.VERSION));
  }

  @Test
  void aVersionThatContradictsTheFolderIsRefused() throws IOException {
    Path torch = pythonPackage("2.11.0+cu130");
    settings.put(LibtorchCheck.PATH, built(torch, "2.11.0+cu130", "0.35.1").toString());
    settings.put(LibtorchCheck.VERSION, "2.7.1");
    assertRefused("PYTORCH_VERSION says 2.7.1", "holds PyTorch 2.11.0+cu130");
  }

  @Test
  void aVersionWithoutAFolderIsRefusedWhereTheClassPathBringsAnother() {
    settings.put(LibtorchCheck.VERSION, "2.11.0");
    assertRefused("PYTORCH_VERSION asks for 2.11.0", "fits libtorch 2.7.1 only");
    settings.put(LibtorchCheck.VERSION, "2.7.1");
    assertEquals(Map.of(), check());
  }

  @Test
  void nativesOfAnotherVersionOnTheClassPathAreRefused() {
    BundledTorch mixed = new BundledTorch("0.35.1", "2.7.1", "2.5.1-20241211");
    UserException refusal =
        assertThrows(UserException.class, () -> LibtorchCheck.settingsFor(mixed, settings::get));
    assertTrue(refusal.getMessage().contains("libtorch 2.5.1-20241211"), refusal.getMessage());
  }

  @Test
  void theJarsOfThisBuildFitEachOther() {
    assertEquals(Map.of(), LibtorchCheck.settingsFor(BundledTorch.onClassPath(), name -> null));
  }

  @Test
  void theBindingIsWrittenForTheDjlOfThisBuild() throws IOException {
    Path recipe = Path.of(System.getProperty("qwark.root"), "engine/native/CMakeLists.txt");
    String wanted = "set(DJL_VERSION " + BundledTorch.onClassPath().djl() + ")";
    assertTrue(Files.readString(recipe).contains(wanted), wanted);
  }

  /** In a process of its own: a libtorch.so that is none would fail in another way if loaded. */
  @Test
  void nothingIsLoadedBeforeTheRefusal() throws Exception {
    Path torch = pythonPackage("2.15.0+cu132");
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    ProcessBuilder builder =
        new ProcessBuilder(
            java.toString(), "-cp", System.getProperty("java.class.path"), Loads.class.getName());
    builder.environment().put(LibtorchCheck.PATH, torch.resolve("lib").toString());
    builder.environment().remove(LibtorchCheck.VERSION);
    Path output = temporary.resolve("output");
    Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    String printed = Files.readString(output, StandardCharsets.UTF_8);
    assertTrue(printed.contains("refused: Cannot load libtorch: " + torch), printed);
    assertTrue(printed.contains("holds PyTorch 2.15.0+cu132"), printed);
    assertEquals(0, process.exitValue());
  }

  /** What a replica does first. */
  static final class Loads {
    private Loads() {}

    public static void main(String[] arguments) {
      try {
        System.out.println("loaded: " + TorchRuntime.version());
      } catch (UserException e) {
        System.out.println("refused: " + e.getMessage());
      }
    }
  }

  private Map<String, String> check() {
    return LibtorchCheck.settingsFor(BUNDLED, settings::get);
  }

  private void assertRefused(String... parts) {
    UserException refusal = assertThrows(UserException.class, this::check);
    assertEquals("Cannot load libtorch", refusal.problem());
    for (String part : parts) {
      assertTrue(refusal.getMessage().contains(part), part + " in: " + refusal.getMessage());
    }
  }

  /** site-packages/torch */
  private Path pythonPackage(String version) throws IOException {
    Path torch = Files.createTempDirectory(temporary, "site-packages").resolve("torch");
    Files.createDirectories(torch.resolve("lib"));
    Files.createFile(torch.resolve("lib/libtorch.so"));
    Files.writeString(
        torch.resolve("version.py"),
        "from typing import Optional\n\n__all__ = ['__version__', 'cuda']\n__version__ = '"
            + version
            + "'\ncuda: Optional[str] = None\n");
    return torch;
  }

  /** What build.sh writes. */
  private Path built(Path torch, String version, String djl) throws IOException {
    Path folder = Files.createTempDirectory(temporary, "binding");
    Files.createSymbolicLink(folder.resolve("libtorch.so"), torch.resolve("lib/libtorch.so"));
    Files.writeString(folder.resolve("libdjl_torch.so"), mark(version, djl));
    return folder;
  }

  private static String mark(String torch, String djl) {
    return "\177ELF\0\0<qwark-binding torch=" + torch + " djl=" + djl + ">\0\0";
  }
}
