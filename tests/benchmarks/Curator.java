// Curator's two caches of a whole tree: prints when it began, when it says that it is initialized, and what it holds.
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.curator.framework.recipes.cache.TreeCache;
import org.apache.curator.framework.recipes.cache.TreeCacheEvent;
import org.apache.curator.retry.RetryOneTime;

public class Curator {
  public static void main(String[] arguments) throws Exception {
    String kind = arguments[0];
    long patience = Long.parseLong(arguments[2]);
    CuratorFramework client = CuratorFrameworkFactory.newClient(arguments[1], new RetryOneTime(100));
    client.start();
    client.blockUntilConnected();
    CountDownLatch whole = new CountDownLatch(1);
    long began = System.nanoTime();
    CuratorCache cache = null;
    if (kind.equals("TreeCache")) {
      TreeCache tree = TreeCache.newBuilder(client, "/forest").build();
      tree.getListenable().addListener((framework, event) -> {
        if (event.getType() == TreeCacheEvent.Type.INITIALIZED) whole.countDown();
      });
      tree.start();
    } else {
      cache = CuratorCache.build(client, "/forest");
      cache.listenable().addListener(CuratorCacheListener.builder().forInitialized(whole::countDown).build());
      cache.start();
    }
    boolean done = whole.await(patience, TimeUnit.SECONDS);
    long ended = System.nanoTime();
    System.out.println("{\"began\": " + began / 1e9 + ", \"ended\": " + ended / 1e9 + ", \"whole\": " + done
        + (cache == null ? "" : ", \"znodes\": " + cache.size()) + "}");
    System.exit(0);
  }
}
